import type mongoose from 'mongoose';
import type { mongo } from 'mongoose';
import { DEFAULT_TENANT, type TenantId } from '../../src/common/index.js';
import { CorpusReader } from '../../src/documents/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import {
  base64,
  EmbeddingsServer,
  send,
  type EmbeddingRequest,
  type Fault,
} from '../support/embeddings-server.js';
import { until } from '../support/until.js';

let server: EmbeddingsServer;
const apps: TestApp[] = [];

beforeEach(async () => {
  server = await EmbeddingsServer.start();
});
afterEach(async () => {
  server.release();
  for (const app of apps.splice(0).reverse()) await app.destroy();
  await server.stop();
});

/** An application that searches by meaning, unless told otherwise. */
async function start(env: Record<string, string> = {}): Promise<TestApp> {
  const app = await startTestApp({ ...server.env, ...env });
  apps.push(app);
  return app;
}

const database = ({ nest }: TestApp): mongoose.Connection => nest.get('DatabaseConnection');
const vectorsOf = (app: TestApp): mongo.Collection => database(app).collection('passage_vectors');
const documentsOf = (app: TestApp): mongo.Collection => database(app).collection('documents');

async function add(app: TestApp, title: string, content: string, more: object = {}): Promise<string> {
  const { status, body } = await new Client(app.url).post('/api/documents', { title, content, ...more });
  expect(status).toBe(201);
  return body.document_id as string;
}

/** Resolves when every document has its vectors. */
const embedded = (app: TestApp): Promise<unknown> =>
  until('every document has its vectors', async () => {
    const waiting = { $or: [{ embedding: null }, { embedding_claim: { $exists: true } }] };
    return (await documentsOf(app).countDocuments(waiting)) === 0;
  });

const search = (app: TestApp, query: string, more: { tender_id?: string; limit?: number } = {}) =>
  app.nest.get(CorpusReader).search(DEFAULT_TENANT, { query, limit: 6, ...more });
const titles = async (app: TestApp, query: string, more = {}): Promise<string[]> =>
  (await search(app, query, more)).map(({ title }) => title);

const CORPUS = {
  'Annex A': 'The supplier keeps CO2 accounting records for each delivery.',
  'Annex B': 'Prices are stated without VAT.',
  'Annex C': 'The cat of the janitor must not be fed.',
};
async function addCorpus(app: TestApp): Promise<void> {
  for (const [title, content] of Object.entries(CORPUS)) await add(app, title, content);
}

describe('the search by meaning', () => {
  it.each([
    ['Klimaregnskab', 'Annex A'],
    ['Klimabilanz', 'Annex A'],
    ['Umsatzsteuer', 'Annex B'],
    ['moms', 'Annex B'],
    ['Katze', 'Annex C'],
  ])('finds for %s what is said in other words in %s', async (query, title) => {
    const app = await start();
    await addCorpus(app);
    await embedded(app);
    expect(await titles(app, query, { limit: 1 })).toEqual([title]);
    const [found] = await search(app, query);
    expect(Object.keys(found ?? {}).sort()).toEqual(['document_id', 'score', 'text', 'title']);
  });

  it('counts as much as the search by words, and what both find comes first', async () => {
    const app = await start();
    await add(app, 'Both', 'The Umsatzsteuer, that is VAT, is shown.');
    await add(app, 'Words', 'Umsatzsteuerbefreiung wird nicht erteilt.');
    await add(app, 'Meaning', 'VAT is a tax.');
    await add(app, 'Neither', 'The roof is red.');
    await embedded(app);
    const found = await search(app, 'Umsatzsteuer');
    expect(found[0]?.title).toBe('Both');
    expect(found.map(({ title }) => title)).toEqual(expect.arrayContaining(['Words', 'Meaning']));
    expect(found.map(({ title }) => title)).not.toContain('Neither');
    // Neither search alone gives more than one divided by 61.
    expect(found[0]?.score).toBeGreaterThan(1 / 61);
  });

  it('keeps to the tenant and to the tender, and does not let one document fill the list', async () => {
    const app = await start();
    await add(app, 'Mine', 'VAT.', { tender_id: 't1' });
    await add(app, 'Other', 'VAT too.', { tender_id: 't2' });
    await add(
      app,
      'Long',
      Array.from({ length: 9 }, (_, n) => `# Part ${n}\n\nmoms ${'word '.repeat(230)}\n`).join('\n'),
    );
    await embedded(app);
    expect(await titles(app, 'Umsatzsteuer', { tender_id: 't1' })).toEqual(['Mine']);
    const found = await titles(app, 'Umsatzsteuer', { limit: 5 });
    expect(found.slice(0, 5)).toEqual(expect.arrayContaining(['Mine', 'Other']));
    const foreign = await app.nest
      .get(CorpusReader)
      .search('another' as TenantId, { query: 'Umsatzsteuer', limit: 5 });
    expect(foreign).toEqual([]);
  });

  it('sends title, headings and text of passages, the key, and each query once', async () => {
    const app = await start();
    await add(app, 'Terms', '# Money\n\n## Taxes\n\nVAT is added.');
    await embedded(app);
    for (let n = 0; n < 3; n++) await search(app, 'Umsatzsteuer');
    expect(server.texts.slice(1)).toEqual([
      'Terms › Money › Taxes\n\n# Money\n\n## Taxes\n\nVAT is added.',
      'Umsatzsteuer',
    ]);
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer secret-key']),
    );
    expect(server.requests.map(({ model, encoding_format }) => [model, encoding_format])[0]).toEqual([
      'concepts',
      'base64',
    ]);
  });

  it('does not ask, and stores nothing, unless a model is set', async () => {
    const { EMBEDDINGS_MODEL: _model, ...rest } = server.env;
    const app = await startTestApp(rest);
    apps.push(app);
    await addCorpus(app);
    expect(await titles(app, 'Umsatzsteuer')).toEqual([]);
    expect(server.requests).toEqual([]);
    expect(await vectorsOf(app).countDocuments()).toBe(0);
    const { body } = await new Client(app.url).get('/health');
    expect(body.details).not.toHaveProperty('embeddings');
  });

  it('forgets a document that is deleted', async () => {
    const app = await start();
    const id = await add(app, 'Gone', 'VAT.');
    await add(app, 'Stays', 'VAT, too.');
    await embedded(app);
    expect((await titles(app, 'moms')).sort()).toEqual(['Gone', 'Stays']);
    expect((await new Client(app.url).delete(`/api/documents/${id}`)).status).toBe(204);
    expect(await titles(app, 'moms')).toEqual(['Stays']);
    expect(await vectorsOf(app).countDocuments()).toBe(1);
  });

  it('has the same result when its memory is too small for the vectors', async () => {
    const app = await start();
    for (let n = 0; n < 30; n++) await add(app, `Doc ${n}`, `VAT ${'and '.repeat(n)} number ${n}.`);
    await embedded(app);
    const small = await start({ ...app.env, EMBEDDINGS_CACHE_BYTES: '3000' });
    const tiny = await start({ ...app.env, EMBEDDINGS_CACHE_BYTES: '1' });
    for (const query of ['Umsatzsteuer', 'Mehrwertsteuer number 7']) {
      const found = await search(app, query, { limit: 20 });
      expect(found.length).toBeGreaterThan(10);
      for (const other of [small, tiny, small])
        expect(await search(other, query, { limit: 20 })).toEqual(found);
    }
  });
});

const status =
  (code: number, headers = {}): Fault =>
  (_, response) => {
    send(response, code, { error: { message: 'scripted', code: 'scripted' } }, headers);
  };
/** The right answer, changed. */
const changed =
  (change: (data: any[], request: EmbeddingRequest) => unknown[]): Fault =>
  (request, response) => {
    const { data, ...rest } = server.answer(request) as { data: any[] };
    send(response, 200, { ...rest, data: change(data, request) });
  };
const FAULTS: [string, Fault][] = [
  ['429', status(429, { 'retry-after': '1' })],
  ['500', status(500)],
  ['503', status(503)],
  ['401', status(401)],
  ['404', status(404)],
  ['fewer vectors', changed((data) => data.slice(1))],
  ['more vectors', changed((data) => [...data, data[0]])],
  [
    'no data',
    (_, response) => {
      send(response, 200, { object: 'list' });
    },
  ],
  [
    'null',
    (_, response) => {
      send(response, 200, null);
    },
  ],
  ['NaN', changed((data) => data.map((one) => ({ ...one, embedding: base64([NaN, 1]) })))],
  ['infinity', changed((data) => data.map((one) => ({ ...one, embedding: base64([Infinity, 1]) })))],
  ['zeros', changed((data) => data.map((one) => ({ ...one, embedding: [0, 0, 0] })))],
  ['nothing in a vector', changed((data) => data.map((one) => ({ ...one, embedding: [] })))],
  ['texts in a vector', changed((data) => data.map((one) => ({ ...one, embedding: ['1', '2'] })))],
  ['bytes that are no floats', changed((data) => data.map((one) => ({ ...one, embedding: 'AAAAAAA=' })))],
  [
    'the same place twice',
    changed((data) => [...data, ...data].map((one) => ({ ...one, index: 0 })).slice(0, data.length + 1)),
  ],
  ['a place that is none', changed((data) => data.map((one) => ({ ...one, index: -1 })))],
  [
    'a web page',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>Hi');
    },
  ],
  [
    'half an answer',
    (_, response) => {
      response.writeHead(200, { 'content-length': 999 }).write('{"data":[');
      response.destroy();
    },
  ],
  [
    'a broken connection',
    (_, response) => {
      response.destroy();
    },
  ],
];

describe('a server of embeddings that fails', () => {
  let app: TestApp;
  let words: unknown;

  beforeEach(async () => {
    app = await start({ EMBEDDINGS_TIMEOUT_MS: '1000', MODEL_CIRCUIT_FAILURES: '1000' });
    await addCorpus(app);
    await embedded(app);
    const plain = await start({ ...app.env, EMBEDDINGS_MODEL: '' });
    words = await search(plain, 'VAT and prices');
    expect(words).toHaveLength(1);
  });

  it.each(FAULTS)('with %s leaves the search by words as it is, and works again', async (_, fault) => {
    server.always = fault;
    expect(await search(app, 'VAT and prices')).toEqual(words);
    const { body: down } = await new Client(app.url).get('/health');
    expect(down.details.embeddings).toMatchObject({
      status: 'degraded',
      model: 'concepts',
      reason: expect.any(String),
    });
    expect(JSON.stringify(down)).not.toContain('secret-key');
    server.always = undefined;
    expect(await titles(app, 'Umsatzsteuer', { limit: 1 })).toEqual(['Annex B']);
    const { body: up } = await new Client(app.url).get('/health');
    expect(up.details.embeddings).toEqual({ status: 'up', model: 'concepts' });
  });

  it('that does not answer is not waited for', async () => {
    server.hold();
    expect(await search(app, 'VAT and prices')).toEqual(words);
    server.release();
    expect(await titles(app, 'Umsatzsteuer', { limit: 1 })).toEqual(['Annex B']);
  });

  it('that fails again and again is not asked for a while', async () => {
    const careful = await start({ ...app.env, MODEL_CIRCUIT_FAILURES: '2', MODEL_CIRCUIT_MS: '600000' });
    server.always = status(500);
    const before = server.requests.length;
    for (const n of [1, 2, 3, 4, 5, 6]) expect(await search(careful, `VAT and prices ${n}`)).toHaveLength(1);
    expect(server.requests.length - before).toBeLessThan(5);
    server.always = undefined;
    expect(await search(careful, 'VAT and prices')).toEqual(words);
  });
});

describe('the vectors of documents', () => {
  /** What is stored, as the server would have it. */
  const expectRight = async (app: TestApp): Promise<void> => {
    const passages = await database(app).collection('document_passages').find().toArray();
    const stored = new Map((await vectorsOf(app).find().toArray()).map((one) => [String(one._id), one]));
    expect(stored.size).toBe(passages.length);
    for (const { _id, title, heading, text } of passages) {
      const { values } = stored.get(String(_id)) as { values?: mongo.Binary } & mongo.Document;
      const numbers = [...new Int8Array(values!.buffer)];
      const right = server.vector(`${[title, heading].filter(Boolean).join(' › ')}\n\n${text}`);
      const largest = Math.max(...right.map(Math.abs));
      expect(numbers).toEqual(right.map((one) => Math.round((one / largest) * 127)));
    }
  };

  it.each(FAULTS)('are stored in the end, each with its passage, after %s', async (_, fault) => {
    const app = await start();
    await until('the first request has come', () => server.requests.length > 0);
    server.faults.push(fault);
    await addCorpus(app);
    await embedded(app);
    await expectRight(app);
    expect(await titles(app, 'Umsatzsteuer', { limit: 1 })).toEqual(['Annex B']);
  });

  it('may come in any order, as numbers, and without their places', async () => {
    server.always = changed((data, { input }) =>
      data
        .map(({ index, ...rest }, place) =>
          input.length === 1 ? { ...rest, embedding: server.vector(input[place]!) } : { index, ...rest },
        )
        .reverse(),
    );
    const app = await start();
    await add(
      app,
      'Long',
      Array.from({ length: 9 }, (_, n) => `# Part ${n}\n\n${'word '.repeat(200)}\n`).join('\n'),
    );
    await add(app, 'Short', 'VAT');
    await embedded(app);
    await expectRight(app);
  });

  it('come from a server that knows no base64', async () => {
    server.always = (request, response) => {
      if (request.encoding_format === 'base64')
        send(response, 400, { error: { message: "encoding_format 'base64' is not supported" } });
      else send(response, 200, server.answer(request));
    };
    const app = await start();
    await addCorpus(app);
    await embedded(app);
    await expectRight(app);
    expect(server.requests.filter(({ encoding_format }) => encoding_format === 'base64')).toHaveLength(1);
  });

  it('come from a server that takes few texts at once', async () => {
    server.always = (request, response) => {
      if (request.input.length > 10)
        send(response, 422, { error: 'batch size 64 > maximum allowed batch size 10' });
      else send(response, 200, server.answer(request));
    };
    const app = await start();
    await add(app, 'Long', 'word '.repeat(40_000));
    await embedded(app);
    await expectRight(app);
    expect(server.requests.filter(({ input }) => input.length > 10).length).toBeLessThan(8);
  });

  it.each([400, 500])(
    'of a passage that is too long (HTTP %i) are of its beginning; one that is refused is found by its words',
    async (code) => {
      server.always = (request, response) => {
        const bad = request.input.some((text) => text.length > 600 || text.includes('forbidden'));
        if (bad) send(response, code, { error: { message: 'maximum context length exceeded' } });
        else send(response, 200, server.answer(request));
      };
      const app = await start();
      await add(
        app,
        'Mixed',
        `# Long\n\nVAT ${'word '.repeat(200)}\n\n# Bad\n\nforbidden ${'thing '.repeat(40)}\n`,
      );
      await embedded(app);
      expect(await vectorsOf(app).countDocuments()).toBe(1);
      expect(await titles(app, 'Umsatzsteuer')).toEqual(['Mixed']);
      // One long text says nothing about how many are accepted.
      const from = server.requests.length;
      await add(
        app,
        'Many',
        Array.from({ length: 9 }, (_, n) => `# Part ${n}\n\n${'word '.repeat(100)}\n`).join('\n'),
      );
      await embedded(app);
      expect(server.requests.slice(from).map(({ input }) => input.length)).toEqual([9]);
      // Nor does it take the query.
      expect(await titles(app, 'forbidden')).toEqual(['Mixed']);
    },
  );

  it('do not keep a document from being stored, and come when the server is there', async () => {
    server.always = status(503);
    const app = await start();
    await addCorpus(app);
    expect(await titles(app, 'VAT')).toEqual(['Annex B']);
    server.always = undefined;
    await embedded(app);
    await expectRight(app);
  });

  it('of a document that is deleted while they are made are gone', async () => {
    const app = await start();
    await until('the first request has come', () => server.requests.length > 0);
    server.hold();
    const id = await add(app, 'Gone', `VAT ${'word '.repeat(40_000)}`);
    await server.waiting();
    expect((await new Client(app.url).delete(`/api/documents/${id}`)).status).toBe(204);
    server.release();
    await add(app, 'Next', 'VAT');
    await embedded(app);
    expect(await vectorsOf(app).countDocuments()).toBe(1);
    expect(await titles(app, 'moms')).toEqual(['Next']);
  });

  it('are made anew for another model, and never compared with the old ones', async () => {
    const app = await start();
    await addCorpus(app);
    await embedded(app);
    await app.stop();
    const other = await start({ ...app.env, EMBEDDINGS_MODEL: 'others' });
    server.hold();
    await server.waiting();
    server.release();
    await until(
      'all documents are in the new space',
      async () => (await documentsOf(other).countDocuments({ embedding: 'others/64' })) === 3,
    );
    expect(await vectorsOf(other).distinct('space')).toEqual(['others/64']);
    expect(await titles(other, 'Umsatzsteuer', { limit: 1 })).toEqual(['Annex B']);
  });

  it('are made anew when the same name stands for a model of other dimensions', async () => {
    const app = await start();
    await addCorpus(app);
    await embedded(app);
    expect(await titles(app, 'Umsatzsteuer', { limit: 1 })).toEqual(['Annex B']);
    server.more = 16;
    // A query of the new model has nothing to be compared with yet.
    expect(await titles(app, 'Katze')).toEqual([]);
    await add(app, 'Annex D', 'Damages.');
    await until(
      'all documents are in the new space',
      async () => (await documentsOf(app).countDocuments({ embedding: 'concepts/80' })) === 4,
    );
    for (const [query, title] of [
      ['Katze', 'Annex C'],
      ['Umsatzsteuer', 'Annex B'],
    ])
      expect(await titles(app, query!, { limit: 1 })).toEqual([title]);
    await expectRight(app);
  });
});

describe('the vectors of documents and several processes', () => {
  it('each process finds what others have stored, and not what they have deleted', async () => {
    const app = await start();
    const other = await start(app.env);
    await add(app, 'First', 'VAT');
    await embedded(app);
    for (const one of [app, other]) expect(await titles(one, 'moms')).toEqual(['First']);
    const id = await add(other, 'Second', 'VAT, too');
    await embedded(app);
    for (const one of [app, other])
      await until('the process has heard of it', async () => {
        const found = await titles(one, 'moms');
        return found.includes('First') && found.includes('Second');
      });
    await new Client(app.url).delete(`/api/documents/${id}`);
    for (const one of [app, other]) expect(await titles(one, 'moms')).toEqual(['First']);
  });

  it('share the work', async () => {
    const app = await start({ ROLE: 'all' });
    await start(app.env);
    await until('both have asked', () => server.requests.length >= 2);
    const from = server.texts.length;
    for (let n = 0; n < 20; n++) await add(app, `Doc ${n}`, `VAT ${n}`);
    await embedded(app);
    const asked = server.texts.slice(from);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('the one with the newest configuration decides which model is used', async () => {
    const app = await start();
    await addCorpus(app);
    await embedded(app);
    const newer = await start({ ...app.env, EMBEDDINGS_MODEL: 'others' });
    const all = () => documentsOf(newer).countDocuments({ embedding: 'others/64' });
    await until('all documents are in the new space', async () => (await all()) === 3);
    await add(app, 'Annex D', 'moms');
    await until(
      'the newer one has made the vectors of a document of the older',
      async () => (await all()) === 4,
    );
    expect(await titles(newer, 'Katze', { limit: 1 })).toEqual(['Annex C']);
    expect(await titles(app, 'VAT')).toEqual(['Annex B']);
  });
});
