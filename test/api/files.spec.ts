import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { FileSweep } from '../../src/files/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, openDatabase, type Database } from '../support/client.js';
import { GIF, JPEG, png, WEBP } from '../support/images.js';
import { pdf, pdfOfSpaces } from '../support/pdf.js';

const USER = 'alice';

let app: TestApp;
let client: Client;
let database: Database;

beforeAll(async () => {
  app = await startTestApp({
    FILE_MAX_BYTES: '400000',
    FILE_IMAGE_MAX_BYTES: '200000',
    FILE_TEXT_MAX_CHARS: '300000',
    FILES_MAX_BYTES_PER_USER: '900000',
    ATTACHMENTS_MAX: '3',
  });
  client = new Client(app.url);
  database = await openDatabase(app);
});
afterAll(async () => {
  await database.close();
  await app.destroy();
});

const count = (collection: string): Promise<number> =>
  database.connection.collection(collection).countDocuments();
const download = async (id: string): Promise<{ status: number; headers: Headers; bytes: Buffer }> => {
  const response = await fetch(`${app.url}/api/files/${id}/content`);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
};

describe('a file', () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Grüße, 世界', 'utf16le')]);
  it.each<[string, string, string | Buffer, string, string, number | undefined]>([
    ['a picture', 'p.png', png(), 'image/png', 'image/png', undefined],
    ['a JPEG', 'p.jpg', JPEG, 'image/jpeg', 'image/jpeg', undefined],
    ['a GIF', 'p.gif', GIF, 'image/gif', 'image/gif', undefined],
    ['a WebP', 'p.webp', WEBP, 'image/webp', 'image/webp', undefined],
    ['a picture that is called a text', 'notes.txt', png(), 'text/plain', 'image/png', undefined],
    ['a text that is called a picture', 'p.png', 'I am a text.', 'image/png', 'text/plain', 12],
    ['a text that begins like a GIF', 'a.txt', 'GIF is a format.', 'text/plain', 'text/plain', 16],
    ['a text that begins like a bitmap', 'a.txt', 'BMW builds cars.', 'text/plain', 'text/plain', 16],
    ['a text that speaks of PDFs', 'a.txt', 'It begins with %PDF-1.4', 'text/plain', 'text/plain', 23],
    ['Markdown', 'README.MD', '# Title', 'application/octet-stream', 'text/markdown', 7],
    ['CSV', 'a.csv', 'a;b\n1;2', 'application/vnd.ms-excel', 'text/csv', 7],
    ['JSON', 'a.bin', '{"a":[1]}', 'text/html', 'application/json', 9],
    ['a page', 'a.txt', '<!doctype html><p>Hi', 'text/plain', 'text/html', 20],
    ['an SVG, which is text', 'a.svg', '<svg onload="alert(1)"/>', 'image/svg+xml', 'text/plain', 24],
    ['UTF-16', 'a.txt', utf16, 'text/plain', 'text/plain', 9],
    ['Windows-1252', 'a.txt', Buffer.from('Gr\xfc\xdfe', 'latin1'), 'text/plain', 'text/plain', 5],
    ['a PDF', 'a.pdf', pdf(['First page', 'Second page']), 'text/plain', 'application/pdf', 45],
  ])('(%s) is what its bytes say', async (_, name, content, claim, media_type, characters) => {
    const { status, body } = await client.upload(USER, name, content, claim);
    expect([status, body]).toMatchObject([201, { name, media_type, bytes: Buffer.from(content).length }]);
    expect(body.characters).toBe(characters);
    const { bytes, headers } = await download(body.file_id);
    expect(bytes.equals(Buffer.from(content))).toBe(true);
    expect(headers.get('content-disposition')).toBe(`attachment; filename=${name}`);
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-type')).toMatch(/^(image\/\w+|application\/pdf|text\/plain)$/);
    expect((await client.get(`/api/files/${body.file_id}`)).body).toEqual(body);
  });

  const incomplete = pdf(['Some text']).subarray(0, 200);
  it.each<[string, string, string | Buffer, number, string]>([
    ['of no bytes', 'a.txt', '', 422, 'empty_file'],
    ['of white space', 'a.txt', ' \n\t ', 422, 'file_without_text'],
    ['that is a scan', 'a.pdf', pdf(['']), 422, 'file_without_text'],
    ['that asks for a password', 'a.pdf', pdf(['x'], { isEncrypted: true }), 422, 'unreadable_file'],
    ['that is half a PDF', 'a.pdf', incomplete, 422, 'unreadable_file'],
    [
      'that is a PDF of noise',
      'a.pdf',
      Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(5000)]),
      422,
      'unreadable_file',
    ],
    ['that is packed', 'a.txt', gzipSync('text'), 415, 'unsupported_file_type'],
    ['that is a program', 'a.png', Buffer.from('7f454c4602010100', 'hex'), 415, 'unsupported_file_type'],
    ['of noise', 'a.txt', randomBytes(3000), 415, 'unsupported_file_type'],
    ['that is too large', 'a.txt', 'x'.repeat(400_001), 413, 'file_too_large'],
    [
      'that is too large a picture',
      'a.png',
      Buffer.concat([png(), Buffer.alloc(200_000)]),
      413,
      'file_too_large',
    ],
    ['with too much text', 'a.txt', 'x'.repeat(300_001), 413, 'file_text_too_long'],
  ])('%s is rejected, and nothing is stored', async (_, name, content, status, code) => {
    const before = [await count('files'), await count('file_parts')];
    const answer = await client.upload('bob', name, content);
    expect([answer.status, answer.body]).toMatchObject([status, { code, status }]);
    expect(answer.body.detail).toMatch(/^[A-Z].*\.$/s);
    expect([await count('files'), await count('file_parts')]).toEqual(before);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\alice\\report.txt', 'report.txt'],
    ['a\u202Etxt.exe', 'atxt.exe'],
    ['zero\u200Bwidth.txt', 'zerowidth.txt'],
    ['.hidden', 'hidden'],
    ['\u200B', 'file'],
    ['Ærø – 世界 "quoted".txt', 'Ærø – 世界 "quoted".txt'],
    [`${'x'.repeat(250)}.md`, `${'x'.repeat(197)}.md`],
  ])('called %j is called %j', async (given, name) => {
    const { body } = await client.upload('carol', given, 'text');
    expect(body.name).toBe(name);
    const { headers } = await download(body.file_id);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename=/);
  });

  it('whose PDF takes too long to read is given up, and the next one is read', async () => {
    const hasty = await startTestApp({ FILE_READ_TIMEOUT_MS: '400' });
    try {
      const other = new Client(hasty.url);
      const bomb = pdfOfSpaces(300_000_000);
      expect(bomb.length).toBeLessThan(400_000);
      const answer = await other.upload(USER, 'a.pdf', bomb);
      expect([answer.status, answer.body]).toMatchObject([422, { code: 'unreadable_file' }]);
      expect(answer.body.detail).toContain('too much time or memory');
      expect((await other.upload(USER, 'b.txt', 'text')).status).toBe(201);
    } finally {
      await hasty.destroy();
    }
  });
});

describe('a form', () => {
  const post = async (
    body: RequestInit['body'],
    headers: Record<string, string> = {},
  ): Promise<[number, string]> => {
    const init = { method: 'POST', headers, ...(body !== undefined && { body }) } as RequestInit;
    const response = await fetch(`${app.url}/api/users/${USER}/files`, init);
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  const form = (...parts: [string, string | Blob][]): FormData => {
    const data = new FormData();
    for (const [name, value] of parts) {
      if (typeof value === 'string') data.append(name, value);
      else data.append(name, value, 'a.txt');
    }
    return data;
  };
  const text = new Blob(['text']);
  const FORM = { 'content-type': 'multipart/form-data; boundary=b' };
  const named = (name: string): string =>
    `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\ntext\r\n--b--\r\n`;
  const broken = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf';
  it.each<[string, RequestInit['body'], Record<string, string>, number, string]>([
    ['without a file', form(), {}, 400, 'invalid_upload'],
    ['with a field', form(['file', text], ['purpose', 'x']), {}, 400, 'invalid_upload'],
    ['with two files', form(['file', text], ['file', text]), {}, 400, 'invalid_upload'],
    ['with another name', form(['upload', text]), {}, 400, 'invalid_upload'],
    ['with the file as a field', form(['file', 'text']), {}, 400, 'invalid_upload'],
    ['with a name that no header can have', named('bell\u0007.txt'), FORM, 400, 'invalid_upload'],
    ['that breaks off', broken, FORM, 400, 'invalid_upload'],
    ['without a boundary', broken, { 'content-type': 'multipart/form-data' }, 400, 'invalid_upload'],
    ['that is JSON', '{}', { 'content-type': 'application/json' }, 415, 'unsupported_media_type'],
    ['that is a bare text', 'text', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  ])('%s is rejected', async (_, body, headers, status, code) => {
    expect(await post(body, headers)).toEqual([status, code]);
  });

  it('is read only where files are uploaded', async () => {
    const init = { method: 'POST', body: form(['file', text]) };
    for (const path of ['/api/documents', `/api/users/${USER}/chats`])
      expect((await fetch(app.url + path, init)).status).toBe(415);
  });
});

describe('files of a user', () => {
  it('are listed, newest first, and deleted', async () => {
    const [first, second] = [
      await client.newFile('dave', 'a.txt', 'one'),
      await client.newFile('dave', 'b.txt', 'two'),
    ];
    const list = async (): Promise<string[]> =>
      (await client.get('/api/users/dave/files')).body.items.map(
        ({ file_id }: { file_id: string }) => file_id,
      );
    expect(await list()).toEqual([second, first]);
    expect((await client.delete(`/api/files/${first}`)).status).toBe(204);
    expect(await list()).toEqual([second]);
    expect((await client.delete(`/api/files/${first}`)).body.code).toBe('file_not_found');
    expect((await download(first)).status).toBe(404);
    expect((await client.get('/api/files/xyz')).body.code).toBe('invalid_file_id');
  });

  it('have room for so many bytes', async () => {
    for (let index = 0; index < 3; index++) await client.newFile('erin', 'a.txt', 'x'.repeat(290_000));
    const { status, body } = await client.upload('erin', 'a.txt', 'x'.repeat(290_000));
    expect([status, body.code]).toEqual([413, 'file_storage_full']);
  });

  it('expire if no message has them', async () => {
    const [used, unused] = [
      await client.newFile('finn', 'a.txt', 'one'),
      await client.newFile('finn', 'b.txt', 'two'),
    ];
    const chat = await client.newChat('finn');
    await client.ended(await client.send(chat, 'Who are you?', { attachments: [{ file_id: used }] }));
    const view = (await client.get(`/api/files/${unused}`)).body;
    expect(Date.parse(view.expires_at) - Date.parse(view.created_at)).toBe(24 * 3_600_000);
    expect((await client.get(`/api/files/${used}`)).body.expires_at).toBeNull();
    const past = { $set: { expires_at: new Date(Date.now() - 1) } };
    await database.connection.collection('files').updateOne({ name: 'b.txt', user_id: 'finn' }, past);
    expect((await client.get(`/api/files/${unused}`)).status).toBe(404);
    const late = await client.post(`/api/chats/${chat}/messages`, {
      content: 'x',
      attachments: [{ file_id: unused }],
    });
    expect([late.status, late.body.code]).toEqual([422, 'invalid_attachments']);
    await app.nest.get(FileSweep, { strict: false }).sweep();
    expect(await database.connection.collection('files').countDocuments({ user_id: 'finn' })).toBe(1);
    expect((await download(used)).bytes.toString()).toBe('one');
  });

  it('are stored and erased by the thousand', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `${index}.txt`);
    const statuses = new Set<number>();
    const uploader = async (): Promise<void> => {
      for (let name = names.pop(); name !== undefined; name = names.pop())
        statuses.add((await client.upload('gina', name, `text ${name}`)).status);
    };
    await Promise.all(Array.from({ length: 50 }, uploader));
    expect([...statuses]).toEqual([201]);
    expect((await client.get('/api/users/gina/files')).body.total).toBe(1000);
    const parts = await count('file_parts');
    expect((await client.delete('/api/users/gina')).status).toBe(204);
    expect(await database.connection.collection('files').countDocuments({ user_id: 'gina' })).toBe(0);
    expect(await count('file_parts')).toBe(parts - 2000);
  }, 180_000);
});

describe('a message with files', () => {
  const send = (chat: string, ids: unknown, more: object = {}, headers = {}) =>
    client.post(
      `/api/chats/${chat}/messages`,
      { content: 'Who are you?', attachments: ids, ...more },
      headers,
    );
  const named = (...ids: string[]): object[] => ids.map((file_id) => ({ file_id }));

  it('shows them, whether or not they are still there', async () => {
    const chat = await client.newChat(USER);
    const [image, text] = [
      await client.newFile(USER, 'p.png', png()),
      await client.newFile(USER, 'a.txt', 'text'),
    ];
    const { body } = await send(chat, named(image, text));
    const attachments = [
      { file_id: image, name: 'p.png', media_type: 'image/png', bytes: png().length },
      { file_id: text, name: 'a.txt', media_type: 'text/plain', bytes: 4 },
    ];
    expect((await client.message(body.message_id)).attachments).toEqual(attachments);
    await client.ended(body);
    await client.delete(`/api/files/${image}`);
    const [question, answer] = await client.history(chat);
    expect(question.attachments).toEqual(attachments);
    expect(answer.attachments).toBeUndefined();
    const again = await client.post(`/api/messages/${body.message_id}/retry`);
    expect((await client.message(again.body.message_id)).attachments).toEqual(attachments);
  });

  it('names the fields that are wrong, and is not stored', async () => {
    const chat = await client.newChat(USER);
    const mine = await client.newFile(USER, 'a.txt', 'mine');
    const bobs = await client.newFile('bob', 'b.txt', 'of bob');
    const gone = '68eb95dcac4dd9ac27898910';
    const rows: [unknown, number, string, string[]][] = [
      [named(mine, gone), 422, 'invalid_attachments', ['attachments.1.file_id']],
      [named(mine, mine), 422, 'invalid_attachments', ['attachments.1.file_id']],
      [named(mine, mine.toUpperCase()), 422, 'invalid_attachments', ['attachments.1.file_id']],
      [named(bobs), 422, 'invalid_attachments', ['attachments']],
      [named(mine, gone, bobs, gone), 422, 'invalid_attachments', ['attachments']],
      [named('x'), 400, 'validation_failed', ['attachments.0.file_id']],
      [[mine], 400, 'validation_failed', ['attachments']],
      [{ file_id: mine }, 400, 'validation_failed', ['attachments', 'attachments']],
      [[{ file_id: mine, name: 'x' }], 400, 'validation_failed', ['attachments.0.name']],
    ];
    for (const [attachments, status, code, fields] of rows) {
      const answer = await send(chat, attachments);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual(
        expect.arrayContaining(fields),
      );
    }
    expect(await client.history(chat)).toEqual([]);
    expect((await send(chat, named(mine))).status).toBe(201);
  });

  it('is the same one for a repeated request, and another one with other files', async () => {
    const chat = await client.newChat(USER);
    const [one, two] = [
      await client.newFile(USER, 'a.txt', 'one'),
      await client.newFile(USER, 'b.txt', 'two'),
    ];
    const key = { 'idempotency-key': 'k1' };
    const first = await send(chat, named(one), {}, key);
    expect((await send(chat, named(one), {}, key)).body).toEqual(first.body);
    expect((await send(chat, named(two), {}, key)).body.code).toBe('idempotency_key_reused');
    expect((await send(chat, [], {}, key)).body.code).toBe('idempotency_key_reused');
    await client.delete(`/api/files/${one}`);
    expect((await send(chat, named(one), {}, key)).body).toEqual(first.body);
  });

  it('keeps them when it is edited, unless the edit says otherwise', async () => {
    const chat = await client.newChat(USER);
    const [one, two] = [
      await client.newFile(USER, 'a.txt', 'one'),
      await client.newFile(USER, 'b.txt', 'two'),
    ];
    const first = (await send(chat, named(one))).body;
    await client.ended(first);
    const names = async (attachments: unknown): Promise<unknown> => {
      const { body } = await send(chat, attachments, { edit_of: first.message_id, content: 'Who is it?' });
      const { attachments: shown } = await client.message(body.message_id);
      return shown?.map(({ name }: { name: string }) => name);
    };
    expect(await names(undefined)).toEqual(['a.txt']);
    expect(await names([])).toBeUndefined();
    expect(await names(named(two))).toEqual(['b.txt']);
    expect(await names(named(one, two))).toEqual(['a.txt', 'b.txt']);
  });

  it('leaves the files that it does not take to expire', async () => {
    const chat = await client.newChat(USER);
    const file = await client.newFile(USER, 'a.txt', 'mine');
    const bobs = await client.newFile('bob', 'b.txt', 'of bob');
    expect((await send(chat, named(file, bobs))).status).toBe(422);
    expect((await send(await client.newChat('bob'), named(file))).status).toBe(422);
    expect((await client.get(`/api/files/${file}`)).body.expires_at).not.toBeNull();
  });

  it('takes its files along when its chat is deleted, unless another chat has them', async () => {
    const [first, second] = [await client.newChat('hugo'), await client.newChat('hugo')];
    const [own, shared] = [
      await client.newFile('hugo', 'a.txt', 'own'),
      await client.newFile('hugo', 'b.txt', 'shared'),
    ];
    await client.ended((await send(first, named(own, shared))).body);
    await client.ended((await send(second, named(shared))).body);
    expect((await client.delete(`/api/chats/${first}`)).status).toBe(204);
    expect([(await download(own)).status, (await download(shared)).status]).toEqual([404, 200]);
    expect(await database.connection.collection('files').countDocuments({ user_id: 'hugo' })).toBe(1);
    expect((await client.delete(`/api/chats/${second}`)).status).toBe(204);
    expect(await database.connection.collection('files').countDocuments({ user_id: 'hugo' })).toBe(0);
  });
});
