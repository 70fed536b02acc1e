import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';

/** `{"a":"…"}` of so many bytes. */
const metadata = (bytes: number): object => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
const text = (chars: number): string => 'x'.repeat(chars);

type Row = [setting: string, path: (chat: string) => string, body: (size: number) => object];
const rows: Row[] = [
  ['CONTENT_MAX_CHARS', (chat) => `/api/chats/${chat}/messages`, (size) => ({ content: text(size) })],
  [
    'METADATA_MAX_BYTES',
    (chat) => `/api/chats/${chat}/messages`,
    (size) => ({ content: 'x', metadata: metadata(size) }),
  ],
  ['TITLE_MAX_CHARS', () => '/api/users/alice/chats', (size) => ({ title: text(size) })],
  ['DOCUMENT_MAX_CHARS', () => '/api/documents', (size) => ({ title: 'x', content: text(size) })],
];

describe('two applications in one process', () => {
  const sizes = [60, 40, 50] as const;
  let apps: { app: TestApp; client: Client; chat: string; most: number }[];
  beforeAll(async () => {
    apps = [];
    for (const most of sizes) {
      const env = Object.fromEntries(rows.map(([setting]) => [setting, String(most)]));
      const app = await startTestApp(env);
      const client = new Client(app.url);
      apps.push({ app, client, chat: await client.newChat(), most });
    }
  });
  afterAll(async () => {
    for (const { app } of apps) await app.destroy();
  });

  it.each(rows)('each use their own %s, even at the same time', async (_setting, path, body) => {
    const ask = apps.flatMap(({ client, chat, most }) =>
      [most, most + 1].map(async (size) => {
        const { status, body: answer } = await client.post(path(chat), body(size));
        return [most, size, status, answer.errors?.[0]?.message];
      }),
    );
    expect(await Promise.all(ask)).toEqual(
      apps.flatMap(({ most }) => [
        [most, most, 201, undefined],
        [most, most + 1, 400, expect.stringContaining(`at most ${most} `)],
      ]),
    );
  });
});
