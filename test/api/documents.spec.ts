import mongoose from 'mongoose';
import request from 'supertest';
import { DEFAULT_TENANT, type TenantId } from '../../src/common/index.js';
import { CorpusReader, DocumentsService } from '../../src/documents/index.js';
import { planLookups } from '../../src/documents/lookup-plan.js';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
let corpus: CorpusReader;

beforeAll(async () => {
  app = await startTestApp({ BODY_MAX_BYTES: '4000000' });
  corpus = app.nest.get(CorpusReader);
});
afterAll(() => app.destroy());

const UNKNOWN = '0'.repeat(24);
const api = () => request(app.url);
const database = () => app.nest.get<mongoose.Connection>('DatabaseConnection');
const add = async (title: string, content: string, tender_id?: string) =>
  (await api().post('/api/documents').send({ title, content, tender_id })).body;
const find = (query: string, tender_id?: string, limit = 5) =>
  corpus.search(DEFAULT_TENANT, { query, limit, ...(tender_id !== undefined && { tender_id }) });

describe('POST /api/documents', () => {
  it.each([
    ['title', { content: 'x' }],
    ['title', { title: ' ', content: 'x' }],
    ['title', { title: 'x'.repeat(501), content: 'x' }],
    ['title', { title: { $gt: '' }, content: 'x' }],
    ['content', { title: 'x' }],
    ['content', { title: 'x', content: '' }],
    ['content', { title: 'x', content: 'a\0b' }],
    ['content', { title: 'x', content: '\udc00' }],
    ['content', { title: 'x', content: ['a'] }],
    ['content', { title: 'x', content: 'x'.repeat(900_001) }],
    ['tender_id', { title: 'x', content: 'x', tender_id: { $ne: 1 } }],
    ['metadata', { title: 'x', content: 'x', metadata: [] }],
    ['metadata', { title: 'x', content: 'x', metadata: 'a' }],
    ['metadata', { title: 'x', content: 'x', metadata: { $where: '1' } }],
    ['metadata', { title: 'x', content: 'x', metadata: { a: [{ $set: 1 }] } }],
    ['metadata', { title: 'x', content: 'x', metadata: { 'a\0': 1 } }],
    ['metadata', { title: 'x', content: 'x', metadata: { a: '\ud800' } }],
    ['metadata', { title: 'x', content: 'x', metadata: { a: { constructor: 1 } } }],
    ['metadata', { title: 'x', content: 'x', metadata: { a: { _bsontype: 'ObjectId' } } }],
    ['metadata', { title: 'x', content: 'x', metadata: { a: 'x'.repeat(16_384) } }],
    [
      'metadata',
      { title: 'x', content: 'x', metadata: { 1: { 2: { 3: { 4: { 5: { 6: { 7: { 8: {} } } } } } } } } },
    ],
    ['document_id', { title: 'x', content: 'x', document_id: UNKNOWN }],
  ])('rejects a bad %s', async (field, body) => {
    const answer = await api().post('/api/documents').send(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    expect(answer.body.errors[0].field).toBe(field);
  });

  it('rejects numbers in metadata that JSON cannot represent, and __proto__', async () => {
    const send = (metadata: string) =>
      api()
        .post('/api/documents')
        .set('Content-Type', 'application/json')
        .send(`{"title":"x","content":"x","metadata":${metadata}}`);
    expect((await send('{"a":1e999}')).status).toBe(400);
    expect((await send('{"a":{"__proto__":{"b":1}}}')).status).toBe(400);
  });

  it('stores a document and responds without its text', async () => {
    const metadata = {
      source: 'upload',
      nested: { a: [1, null, { b: {} }] },
      toString: 'kept',
      'a.b': 1,
      length: -1,
    };
    const body = { title: 'Bilag A', content: '# A\n\nText', tender_id: 't-post', metadata };
    const answer = await api().post('/api/documents').send(body);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      document_id: expect.stringMatching(/^[0-9a-f]{24}$/),
      title: 'Bilag A',
      tender_id: 't-post',
      metadata,
      characters: 9,
      passages: 1,
      created_at: expect.stringMatching(/Z$/),
    });
    const stored = await api().get(`/api/documents/${answer.body.document_id}`);
    expect(stored.body).toEqual({ ...answer.body, content: body.content });
  });
});

describe('GET /api/documents/{document_id}', () => {
  it('is 404 for one that does not exist', async () => {
    const { status, body } = await api().get(`/api/documents/${UNKNOWN}`);
    expect([status, body.code]).toEqual([404, 'document_not_found']);
  });

  it.each([
    ['white space at both ends', ' \n\n a \r\n b \n\n\n'],
    ['no white space at all', 'x'.repeat(50_000)],
    ['emoji without end', '👩‍👩‍👧‍👦'.repeat(3000)],
    [
      'Markdown with code',
      `# A\n\n${'word '.repeat(500)}\n\n\`\`\`sh\n# no heading\n\`\`\`\n\n## B\n${'Sentence. '.repeat(400)}`,
    ],
    ['Chinese', '合同条款规定了责任。'.repeat(600)],
    ['as much as is allowed', 'Kravene er mange. '.repeat(50_000)],
  ])('returns %s unchanged to the character', async (_, content) => {
    const { document_id, passages } = await add('Exact', content);
    const { body } = await api().get(`/api/documents/${document_id}`);
    expect(body.content === content).toBe(true);
    expect(passages).toBeLessThanOrEqual(Math.ceil(content.length / 600) + 3);
  });
});

describe('GET /api/documents', () => {
  it('rejects operators and repeated fields for tender_id', async () => {
    for (const query of ['tender_id[$ne]=x', 'tender_id=a&tender_id=b', 'tender_id=', 'tender_id=%00']) {
      expect((await api().get(`/api/documents?${query}`)).status).toBe(400);
    }
  });

  it('lists one tender’s documents, newest first, without their text', async () => {
    for (const title of ['one', 'two', 'three']) await add(title, 'text', 't-list');
    const { body } = await api().get('/api/documents?tender_id=t-list&page_size=2');
    expect(body).toMatchObject({ total: 3, page: 1, page_size: 2, total_pages: 2, has_more: true });
    expect(body.items.map(({ title }: { title: string }) => title)).toEqual(['three', 'two']);
    expect(body.items[0].content).toBeUndefined();
  });

  it('finds a part of the title, whatever its case and accents', async () => {
    for (const title of ['Bilag É: krav (1)', 'Bilag F', 'Andet']) await add(title, 'text', 't-search');
    const search = async (text: string) =>
      (await api().get('/api/documents').query({ tender_id: 't-search', search: text })).body.items.map(
        (item: { title: string }) => item.title,
      );
    expect(await search('bilag')).toEqual(['Bilag F', 'Bilag É: krav (1)']);
    expect(await search('e: KRAV (')).toEqual(['Bilag É: krav (1)']);
    expect(await search('.')).toEqual([]);
  });

  it.each([{}, { tender_id: 't-list' }])('is served by an index for %j, in its order', async (filter) => {
    const plan = await database()
      .collection('documents')
      .find({ tenant_id: 'default', ready: true, ...filter })
      .sort({ created_at: -1, _id: -1 })
      .explain('queryPlanner');
    const text = JSON.stringify(plan['queryPlanner'].winningPlan);
    expect(text).toContain('IXSCAN');
    expect(text).not.toMatch(/COLLSCAN|"SORT"/);
  });
});

describe('DELETE /api/documents/{document_id}', () => {
  it('is 404 for one that does not exist', async () => {
    expect((await api().delete(`/api/documents/${UNKNOWN}`)).body.code).toBe('document_not_found');
  });

  it('leaves nothing behind', async () => {
    const { document_id } = await add('Ephemeral', 'Zebrafinches sing.');
    expect(await find('zebrafinches')).toHaveLength(1);
    expect((await api().delete(`/api/documents/${document_id}`)).status).toBe(204);
    expect(await find('zebrafinches')).toEqual([]);
    expect((await api().get(`/api/documents/${document_id}`)).status).toBe(404);
    expect(await database().collection('document_passages').countDocuments({ title: 'Ephemeral' })).toBe(0);
  });
});

describe('the search', () => {
  it.each([
    '',
    '   ',
    '"',
    '-',
    '---',
    '"unclosed',
    '$where',
    '\0',
    '.*',
    '(((',
    '\\',
    '👍',
    '\ud800',
    'x'.repeat(100_000),
  ])('survives %j', async (query) => {
    expect(await find(query, 't-none')).toEqual([]);
  });

  it('ignores minus signs and quotes instead of obeying them', async () => {
    await add('Operators', 'Quarterly zonification report.', 't-op');
    expect(await find('-quarterly "report zonification"', 't-op')).toHaveLength(1);
  });

  it('finds inflections both ways, compounds, other cases and accents', async () => {
    await add(
      'Bilag E',
      '# CSR\n\n## Krav\n\nKravene til leverandøren omfatter miljøledelse og arbejdsmiljøcertifikat.',
      't-da',
    );
    await add('Bilag F', '# Pris\n\nBetaling sker månedligt.', 't-da');
    for (const query of ['krav', 'KRAVENES', 'leverandørerne', 'certifikat', 'Hvad er CSR-kravene?', 'csr']) {
      expect([query, (await find(query, 't-da'))[0]?.title]).toEqual([query, 'Bilag E']);
    }
    expect((await find('manedligt', 't-da'))[0]?.title).toBe('Bilag F');
  });

  it('names the headings above a passage', async () => {
    const [passage] = await find('miljøledelse', 't-da');
    expect(passage).toMatchObject({ title: 'Bilag E', heading: 'CSR › Krav', score: expect.any(Number) });
    expect(passage?.text).toContain('miljøledelse');
  });

  it.each([
    ['契約', '本契約の解除は書面による。', '支払は月末とする。'],
    ['责任', '合同条款规定了双方的责任。', '付款在月底进行。'],
    ['สัญญา', 'สัญญานี้มีผลบังคับใช้', 'การชำระเงินรายเดือน'],
    ['계약', '이 계약은 서면으로 해지한다.', '지불은 월말에 한다.'],
    ['договора', 'Расторжение договор письменно.', 'Оплата ежемесячно.'],
    ['العقد', 'ينتهي العقد كتابة', 'الدفع شهريا'],
  ])('finds %s', async (query, hit, miss) => {
    await add('hit', hit, `t-${query}`);
    await add('miss', miss, `t-${query}`);
    expect((await find(query, `t-${query}`)).map(({ title }) => title)).toEqual(['hit']);
  });

  it('ranks passages with rare words above those with common ones', async () => {
    for (let i = 0; i < 12; i++)
      await add(`Common ${i}`, 'what are the rules of the game and what are the terms', 't-rank');
    await add('Rare', 'The arbitration takes place in Copenhagen.', 't-rank');
    expect((await find('what are the rules of arbitration', 't-rank'))[0]?.title).toBe('Rare');
  });

  it('does not let one document fill the result if others match', async () => {
    await add(
      'Long',
      Array.from({ length: 10 }, () => `# Penalty\n\n${'Penalty clause. '.repeat(60)}`).join('\n\n'),
      't-many',
    );
    await add('Short', 'A penalty applies.', 't-many');
    const titles = (await find('penalty', 't-many', 4)).map(({ title }) => title);
    expect(titles).toHaveLength(4);
    expect(titles).toContain('Short');
  });

  it('respects the tenant and the tender', async () => {
    await add('Secret', 'Xylophone manufacturing.', 't-mine');
    expect(await find('xylophone', 't-other')).toEqual([]);
    expect(await corpus.search('somebody-else' as TenantId, { query: 'xylophone', limit: 5 })).toEqual([]);
    expect(await find('xylophone')).toHaveLength(1);
  });

  it('chooses candidates using only the index', async () => {
    const plan = await database()
      .collection('document_passages')
      .aggregate([
        { $match: { tenant_id: 'default', terms: 'krav' } },
        { $limit: 5 },
        { $project: { _id: 1 } },
      ])
      .explain('queryPlanner');
    const text = JSON.stringify(plan);
    expect(text).toContain('passage_terms');
    expect(text).toContain('PROJECTION_COVERED');
    expect(text).not.toMatch(/COLLSCAN|"FETCH"/);
  });

  it('finds the passage with all words of a long question among many that have some', async () => {
    const filler = Array.from(
      { length: 60 },
      (_, i) => `# P${i}\n\n${'The supplier must deliver the goods. '.repeat(25)}`,
    );
    for (let n = 0; n < 3; n++) await add(`Goods ${n}`, filler.join('\n\n'), 't-crowd');
    await add('Needle', 'The supplier must deliver a thermonuclearreactorhousing.', 't-crowd');
    const question =
      'What must the supplier deliver with the reactor, and when must the supplier deliver the goods?';
    expect((await find(question, 't-crowd', 3)).map(({ title }) => title)).toContain('Needle');
  });

  it.each([
    ['thousands of words', Array.from({ length: 5000 }, (_, i) => `word${i}`).join(' ')],
    ['thousands of letters', '契約解除責任'.repeat(5000)],
    ['one endless word', 'ærø'.repeat(30_000)],
    ['signs of patterns', '(.*)+$|^[a-z]{2,}\\'.repeat(3000)],
    ['accents alone', 'a\u0301\u0302'.repeat(20_000)],
  ])('sends the database a bounded query for %s', async (_, query) => {
    expect(Array.isArray(await find(query, 't-crowd'))).toBe(true);
    const { terms } = planLookups([...new Set(query.match(/\p{L}+/gu))].slice(0, 32));
    expect(terms.length).toBeLessThanOrEqual(96);
  });
});

describe('reading a document', () => {
  it('finds it by id, by title in any case, by the beginning of a title; the newest wins', async () => {
    await add('Bilag Q: Kvalitet', 'old', 't-read');
    const { document_id } = await add('Bilag Q: Kvalitet', 'new', 't-read');
    const wanted = { document_id, title: 'Bilag Q: Kvalitet', content: 'new' };
    for (const name of [document_id, 'Bilag Q: Kvalitet', ' bilag  q: KVALITET ', 'bilag q']) {
      expect(await corpus.read(DEFAULT_TENANT, name, 't-read')).toEqual(wanted);
    }
  });

  it('returns nothing for what does not exist, belongs to another tenant or tender, or is a pattern', async () => {
    const { document_id } = await add('Bilag R', 'text', 't-read2');
    expect(await corpus.read(DEFAULT_TENANT, document_id, 't-other')).toBeUndefined();
    expect(await corpus.read('somebody-else' as TenantId, document_id)).toBeUndefined();
    for (const name of [UNKNOWN, '', ' ', '.*', 'Bilag [A-Z]', '(', 'no such title']) {
      expect(await corpus.read(DEFAULT_TENANT, name, 't-read2')).toBeUndefined();
    }
  });
});

describe('an interrupted ingest or deletion', () => {
  it('is not visible anywhere', async () => {
    const { document_id } = await add('Half', 'Ocelots prowl.', 't-half');
    await database()
      .collection('documents')
      .updateOne({ title: 'Half' }, { $set: { ready: false } });
    expect(await find('ocelots', 't-half')).toEqual([]);
    expect(await corpus.read(DEFAULT_TENANT, 'Half')).toBeUndefined();
    expect((await api().get(`/api/documents/${document_id}`)).status).toBe(404);
    expect((await api().get('/api/documents?tender_id=t-half')).body.total).toBe(0);
  });

  it('is cleaned up at a later start, once it is old', async () => {
    const passages = database().collection('document_passages');
    await app.nest.get(DocumentsService).onApplicationBootstrap();
    expect(await passages.countDocuments({ title: 'Half' })).toBe(1);
    await database()
      .collection('documents')
      .updateOne({ title: 'Half' }, { $set: { created_at: new Date(0) } });
    await app.nest.get(DocumentsService).onApplicationBootstrap();
    expect(await passages.countDocuments({ title: 'Half' })).toBe(0);
    expect(await database().collection('documents').countDocuments({ title: 'Half' })).toBe(0);
  });
});
