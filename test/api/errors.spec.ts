import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { mongo, type Model } from 'mongoose';
import request from 'supertest';
import { EventLog } from '../../src/streams/log/event-log.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ BODY_MAX_BYTES: '20000', CORS_ORIGINS: 'https://page.example' });
});
afterAll(() => app.destroy());

const CHATS = '/api/users/alice/chats';

/** Sends a body as it is. */
function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
  return fetch(app.url + CHATS, init);
}

/** Speaks HTTP by hand, to send what no client would; resolves with everything that came back. */
function speak(text: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}

/** Asserts the single form that every error response has. */
async function expectProblem(response: Response, status: number, code: string): Promise<any> {
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({ status });
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text);
  expect(problem).toMatchObject({
    code,
    status,
    type: `urn:reprise:problem:${code}`,
    retryable: status === 503,
  });
  expect(problem.title).toMatch(/^[A-Z]/);
  expect(problem.detail).toMatch(/\.$/);
  expect(problem.request_id).toBe(response.headers.get('x-request-id'));
  expect(text).not.toMatch(/node_modules|\bat .*\.[jt]s:/);
  return problem;
}

describe('an invalid body', () => {
  it.each([
    ['nothing but a brace', '{'],
    ['a trailing comma', '{"title":"a",}'],
    ['a single quote', "{'title':'a'}"],
    ['a bare word', 'undefined'],
    ['a NUL byte', '{"title":"a\0"}'],
  ])('%s is 400 invalid_json', async (_, body) => {
    await expectProblem(await post(body), 400, 'invalid_json');
  });

  it('is 400 invalid_json if it is not UTF-8, instead of being changed', async () => {
    const body = Buffer.concat([Buffer.from('{"title":"a'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    await expectProblem(await post(body), 400, 'invalid_json');
  });

  it.each([
    ['an array', '[]'],
    ['an array of bodies', '[{"title":"a"}]'],
    ['a string', '"title"'],
    ['a number', '5'],
    ['a boolean', 'true'],
    ['null', 'null'],
  ])('%s is 400 validation_failed for the body', async (_, body) => {
    const problem = await expectProblem(await post(body), 400, 'validation_failed');
    expect(problem.errors).toEqual([{ field: 'body', message: 'must be a JSON object' }]);
  });

  it.each([
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'colour',
    '$set',
    'title.x',
    '',
  ])('the unknown field "%s" is rejected by name', async (field) => {
    const problem = await expectProblem(
      await post(`{${JSON.stringify(field)}:{"a":1}}`),
      400,
      'validation_failed',
    );
    expect(problem.errors[0].field).toBe(field);
  });

  it('does not pollute any prototype', async () => {
    await post('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['an operator', { $gt: '' }],
    ['an array', ['a']],
    ['a number', 5],
    ['false', false],
    ['half a surrogate pair', '\ud800'],
    ['a NUL', 'a\0b'],
    ['a blank', ' \n '],
    ['nothing', ''],
    ['too much', 'x'.repeat(201)],
  ])('a title that is %s is rejected', async (_, title) => {
    const problem = await expectProblem(await post(JSON.stringify({ title })), 400, 'validation_failed');
    expect(problem.errors[0].field).toBe('title');
    expect(problem.errors[0].message).toMatch(/^must /);
  });

  it('counts characters, not code units: 200 emoji are a title', async () => {
    const response = await post(JSON.stringify({ title: '👍'.repeat(200) }));
    expect(response.status).toBe(201);
  });

  it.each([
    ['arrays', `{"title":${'['.repeat(9000)}${']'.repeat(9000)}}`],
    ['objects', `{"title":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}`],
    ['unknown', `{"x":${'['.repeat(9000)}${']'.repeat(9000)}}`],
  ])('survives thousands of levels of %s', async (_, body) => {
    const problem = await expectProblem(await post(body), 400, 'validation_failed');
    expect(problem.errors).toEqual([
      { field: body.slice(2, body.indexOf('"', 2)), message: 'is nested too deeply' },
    ]);
  });

  it('names at most 50 fields, and shortens their names', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`f${i}${'x'.repeat(i === 0 ? 5000 : 0)}`, 1]),
    );
    const problem = await expectProblem(await post(JSON.stringify(many)), 400, 'validation_failed');
    expect(problem.errors).toHaveLength(50);
    expect(problem.errors[0].field.length).toBeLessThanOrEqual(100);
  });

  it('is 413 body_too_large if it is larger than allowed', async () => {
    await expectProblem(await post(JSON.stringify({ title: 'x'.repeat(30_000) })), 413, 'body_too_large');
  });

  it('is 413 body_too_large if decompression makes it so', async () => {
    const bomb = gzipSync(JSON.stringify({ title: 'x'.repeat(1_000_000) }));
    await expectProblem(await post(bomb, { 'content-encoding': 'gzip' }), 413, 'body_too_large');
  });

  it('is 400 if it cannot be decompressed', async () => {
    await expectProblem(await post('{}', { 'content-encoding': 'gzip' }), 400, 'invalid_body');
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['XML', { 'content-type': 'application/xml' }],
    ['nonsense', { 'content-type': ';;;' }],
    ['an unknown charset', { 'content-type': 'application/json; charset=klingon' }],
    ['an unknown encoding', { 'content-encoding': 'rot13' }],
  ])('is 415 if it is %s', async (_, headers) => {
    await expectProblem(await post('title=a', headers), 415, 'unsupported_media_type');
  });

  it('is 415 without any content type', async () => {
    const answer = await speak(
      `POST ${CHATS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 415 /);
  });

  it('can be omitted entirely', async () => {
    const answers = await Promise.all([
      fetch(app.url + CHATS, { method: 'POST' }),
      fetch(app.url + CHATS, { method: 'POST', headers: { 'content-type': 'application/json' } }),
      fetch(app.url + CHATS, { method: 'POST', headers: { 'content-type': 'text/plain' } }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201]);
  });
});

describe('an invalid query', () => {
  it.each([
    'page=0',
    'page=-1',
    'page=1.5',
    'page=1e9',
    'page=0x10',
    'page=',
    'page=abc',
    'page=9007199254740993',
    'page=99999999999999999999999',
    'page=1000001',
    'page=+1',
    'page=%201',
    'page=%00',
    'page=%zz',
    'page=١',
    'page=NaN',
    'page=Infinity',
    'page=null',
    'page=1&page=2',
  ])('?%s is rejected', async (query) => {
    const problem = await expectProblem(await fetch(`${app.url}${CHATS}?${query}`), 400, 'validation_failed');
    expect(problem.errors).toEqual([{ field: 'page', message: 'must be a whole number from 1 to 1000000' }]);
  });

  it.each(['page_size=0', 'page_size=101', 'page_size=1&page_size=2', 'page_size=-5'])(
    '?%s is rejected',
    async (query) => {
      const problem = await expectProblem(
        await fetch(`${app.url}${CHATS}?${query}`),
        400,
        'validation_failed',
      );
      expect(problem.errors[0].field).toBe('page_size');
    },
  );

  it.each([
    'page[$gt]',
    'page[]',
    'limit',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'length',
    'page.x',
  ])('?%s=1 is unknown', async (name) => {
    const url = `${app.url}${CHATS}?${encodeURIComponent(name)}=1`;
    const problem = await expectProblem(await fetch(url), 400, 'validation_failed');
    expect(problem.errors).toEqual([{ field: name, message: 'is not a known field' }]);
  });

  it('reports everything that is wrong at once', async () => {
    const response = await fetch(`${app.url}${CHATS}?page=a&page_size=b&c=d`);
    const problem = await expectProblem(response, 400, 'validation_failed');
    expect(problem.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'c',
      'page',
      'page_size',
    ]);
    expect(problem.detail).toBe('The request has 3 invalid fields.');
  });
});

describe('an invalid path', () => {
  it.each([
    '/nothing',
    '/api',
    '/api/',
    '/api/nothing',
    '/api/users',
    '/api/users/a/b/c',
    '/api/docs/none.js',
    '/favicon.ico',
    '/health/none',
    '//',
  ])('%s is 404 route_not_found', async (path) => {
    await expectProblem(await fetch(app.url + path), 404, 'route_not_found');
  });

  it.each([
    ['PUT', '/api/users/a'],
    ['POST', '/api/users/a'],
    ['DELETE', '/health'],
    ['POST', '/metrics'],
    ['DELETE', '/api/documents'],
  ])('%s %s is 404 route_not_found', async (method, path) => {
    await expectProblem(await fetch(app.url + path, { method }), 404, 'route_not_found');
  });

  it.each(['/api/users/%ff', '/api/users/%E0%A4%A', '/api/chats/%'])(
    '%s is 400 malformed_url',
    async (path) => {
      const answer = await speak(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(answer).toContain('"code":"malformed_url"');
    },
  );

  it.each(['a%00b', 'a%0Ab', 'a%2Fb', '%20', 'x'.repeat(201), '%7F'])(
    '/api/users/%s is 400 invalid_user_id',
    async (id) => {
      await expectProblem(await fetch(`${app.url}/api/users/${id}`), 400, 'invalid_user_id');
    },
  );

  it.each([
    '1',
    'null',
    '550e8400e29b41d4a716446655440000',
    '550e8400-e29b-41d4-a716-44665544000g',
    '[object%20Object]',
    'x'.repeat(5000),
  ])('/api/chats/%s is 400 invalid_chat_id', async (id) => {
    await expectProblem(await fetch(`${app.url}/api/chats/${id}`), 400, 'invalid_chat_id');
  });

  it.each(['1', 'zzzzzzzzzzzzzzzzzzzzzzzz', '68eb95dcac4dd9ac2789890', '%7B%22$gt%22:%22%22%7D'])(
    '/api/documents/%s is 400 invalid_document_id',
    async (id) => {
      await expectProblem(await fetch(`${app.url}/api/documents/${id}`), 400, 'invalid_document_id');
    },
  );
});

describe('what is not HTTP', () => {
  it('is answered with a problem', async () => {
    const answer = await speak('HELLO\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"code":"malformed_request"');
  });

  it('is 431 if the headers are too large', async () => {
    const answer = await speak(
      `GET /api/users/a HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(40_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(answer).toContain('"code":"headers_too_large"');
  });

  it('leaves the server running', async () => {
    await speak(Buffer.from([0, 1, 2, 255, 13, 10, 13, 10]));
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
  });
});

describe('a database that is down', () => {
  it('is 503, worth a retry, and does not reveal where it is', async () => {
    const users = app.nest.get<Model<unknown>>('UserModel');
    const down = new mongo.MongoNetworkError('connect ECONNREFUSED 10.1.2.3:27017');
    users.findOneAndUpdate = () => {
      throw down;
    };
    try {
      const response = await fetch(`${app.url}/api/users/alice`);
      expect(response.headers.get('retry-after')).toBe('1');
      const problem = await expectProblem(response, 503, 'database_unavailable');
      expect(JSON.stringify(problem)).not.toContain('10.1.2.3');
    } finally {
      Reflect.deleteProperty(users, 'findOneAndUpdate');
    }
  });

  it('is 503 for a message whose write broke off: it is never said to be stored', async () => {
    const client = new Client(app.url);
    const chat = await client.newChat();
    const { collection } = app.nest.get<Model<unknown>>('MessageModel');
    const broken = new mongo.MongoNetworkError('connection 3 to 10.1.2.3:27017 closed');
    collection.insertMany = () => {
      throw new mongo.MongoBulkWriteError(broken, {} as never);
    };
    try {
      const response = await fetch(`${app.url}/api/chats/${chat}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"content":"Hello?"}',
      });
      await expectProblem(response, 503, 'database_unavailable');
    } finally {
      Reflect.deleteProperty(collection, 'insertMany');
    }
    expect(await client.history(chat)).toEqual([]);
  });

  it('is 503 for a replay whose log cannot be read, too: its response begins with the first event', async () => {
    const client = new Client(app.url);
    const sent = await client.send(await client.newChat(), 'Hello?');
    const { message_id } = sent;
    await client.ended(sent);
    const log = app.nest.get(EventLog, { strict: false });
    log.read = () => Promise.reject(new mongo.MongoNetworkError('connect ECONNREFUSED 10.1.2.3:27017'));
    try {
      const response = await fetch(`${app.url}/api/messages/${message_id}/events`);
      await expectProblem(response, 503, 'database_unavailable');
    } finally {
      Reflect.deleteProperty(log, 'read');
    }
    expect((await client.replay(message_id)).at(-1)?.type).toBe('end');
  });
});

describe('the request id', () => {
  it("is the client's own", async () => {
    const response = await fetch(`${app.url}/api/nothing`, { headers: { 'x-request-id': 'my-id_1.2' } });
    expect((await expectProblem(response, 404, 'route_not_found')).request_id).toBe('my-id_1.2');
  });

  it.each(['a b', 'x'.repeat(101), 'a"b', '<script>'])('is a new one if the client sent %s', async (id) => {
    const response = await fetch(`${app.url}/health/live`, { headers: { 'x-request-id': id } });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the headers of every response', () => {
  it('do not reveal the server software, and include helmet’s protection', async () => {
    const { headers } = await request(app.url).get('/api/nothing');
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
  });

  it('allow the configured origins, with what streams and retries need', async () => {
    const preflight = await request(app.url).options(CHATS).set({
      Origin: 'https://page.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'idempotency-key,last-event-id,x-stainless-retry-count',
    });
    expect(preflight.headers['access-control-allow-origin']).toBe('https://page.example');
    expect(preflight.headers['access-control-allow-headers']).toMatch(
      /idempotency-key.*last-event-id.*x-stainless-retry-count/,
    );
    const plain = await request(app.url).get('/api/nothing').set('Origin', 'https://page.example');
    expect(plain.headers['access-control-expose-headers']).toContain('X-Request-Id');
  });

  it('allow no other origin', async () => {
    const { headers } = await request(app.url).get('/health/live').set('Origin', 'https://evil.example');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});
