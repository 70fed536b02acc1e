import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { theOne } from '../conformance/setup.js';

const MB = 1024 * 1024;
const LIMIT_MS = 120_000;

describe('what is larger than a database document', () => {
  let model: ScriptedModel;
  let app: TestApp;
  let client: Client;
  let chat: string;
  beforeAll(async () => {
    model = await ScriptedModel.start();
    const wide = String(80 * MB);
    const limits = ['CONTENT_MAX_CHARS', 'METADATA_MAX_BYTES', 'TITLE_MAX_CHARS', 'BODY_MAX_BYTES'];
    const env = Object.fromEntries(limits.map((name) => [name, wide]));
    app = await startTestApp({ ...model.env, ...env, RUN_MAX_OUTPUT_CHARS: wide });
    client = new Client(app.url);
    chat = await client.newChat();
  });
  afterAll(async () => {
    await app.destroy();
    await model.stop();
  });

  const text = (megabytes: number): string => 'x'.repeat(megabytes * MB);
  const messages = (): string => `/api/chats/${chat}/messages`;

  type Row = [string, number, string, () => string, (large: string) => object];
  const rows: Row[] = [
    ['a message', 15.5, 'POST', messages, (large: string) => ({ content: large })],
    ['a message', 16.5, 'POST', messages, (large: string) => ({ content: large })],
    ['a message', 20, 'POST', messages, (large: string) => ({ content: large })],
    ['a message', 60, 'POST', messages, (large: string) => ({ content: large })],
    ['metadata', 20, 'POST', messages, (large: string) => ({ content: 'x', metadata: { large } })],
    ['a title', 16.5, 'PATCH', () => `/api/chats/${chat}`, (title: string) => ({ title })],
    ['a title', 20, 'PATCH', () => `/api/chats/${chat}`, (title: string) => ({ title })],
    ['a new chat', 20, 'POST', () => '/api/users/alice/chats', (title: string) => ({ title })],
    [
      'metadata of a document',
      20,
      'POST',
      () => '/api/documents',
      (large: string) => ({ title: 'x', content: 'x', metadata: { large } }),
    ],
  ];
  it.each(rows)(
    'is rejected with 413 and its code, and no part of it is stored: %s of %d MB',
    async (_what, megabytes, method, path, body) => {
      const before = (await client.get(`/api/chats/${chat}`)).body;
      const answer = await client.request(method, path(), body(text(megabytes)));
      expect(answer.body).toMatchObject({ status: 413, code: 'too_large_to_store', retryable: false });
      expect(answer.status).toBe(413);
      expect((await client.get(`/api/chats/${chat}`)).body).toEqual(before);
    },
    LIMIT_MS,
  );

  it(
    'leaves room for what a run adds to its message',
    async () => {
      const created = await client.send(chat, text(14.9));
      (await model.next()).text('read').finish();
      expect(theOne(await client.ended(created), 'end').status).toBe('completed');
    },
    LIMIT_MS,
  );
});
