import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { runCommand } from '../../src/transfer/command.js';
import { playRichRun, setStage, type Stage } from '../conformance/setup.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, openDatabase, type Created, type Database } from '../support/client.js';

let from: Stage;
let folder: string;
beforeAll(async () => {
  from = await setStage({ MODEL_RETRIES: '0' });
  folder = await mkdtemp(path.join(tmpdir(), 'reprise-transfer-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await from.close();
});

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

async function run(env: Record<string, string>, name: string, ...args: string[]): Promise<Outcome> {
  const out = { stdout: '', stderr: '' };
  const into = (key: 'stdout' | 'stderr'): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        out[key] += chunk.toString();
        done();
      },
    });
  const code = await runCommand(name, args, { env, stdout: into('stdout'), stderr: into('stderr') });
  // Its progress, every two seconds: on a busy machine there is more of it.
  const stderr = out.stderr.replace(/^(Checking|Importing|Exporting) ?(\(\d+ %\))?: .*\n/gm, '');
  return { code, stdout: out.stdout, stderr };
}

const file = (): string => path.join(folder, `${randomUUID()}.jsonl`);

/** A chat with two questions, the second with tools, files and difficult text. */
async function playChat(): Promise<{ chat: string; plain: Created; rich: Created }> {
  const chat = await from.client.newChat('alice');
  const question = randomUUID();
  const plain = await from.client.send(chat, `plain ${question}`, { metadata: { a: { b: [1, 'ø'] } } });
  (await from.model.next(`plain ${question}`)).text('Plain.').finish();
  await from.client.ended(plain);
  const rich = await from.client.send(chat, question);
  await playRichRun(from.model, question);
  await from.client.ended(rich);
  return { chat, plain, rich };
}

async function exportChat(chat: string): Promise<string> {
  const out = file();
  expect(await run(from.app.env, 'export', '--chat', chat, '--out', out)).toMatchObject({
    code: 0,
    stdout: '',
  });
  return out;
}

/** An application with its own empty database. */
async function withTarget(
  work: (to: { app: TestApp; client: Client; database: Database }) => Promise<void>,
): Promise<void> {
  const app = await startTestApp();
  const database = await openDatabase(app);
  try {
    await work({ app, client: new Client(app.url), database });
  } finally {
    await database.close();
    await app.destroy();
  }
}

async function contents(database: Database): Promise<unknown> {
  const names = ['users', 'chats', 'messages', 'message_events', 'tool_calls', 'workspace_files'];
  return Promise.all(
    names.map((name) => database.connection.collection(name).find().sort({ _id: 1 }).toArray()),
  );
}

const readLines = async (name: string): Promise<string[]> =>
  (await readFile(name, 'utf8')).trimEnd().split('\n');

/** The same file with one line changed. */
async function altered(name: string, change: (lines: string[]) => string[]): Promise<string> {
  const other = file();
  await writeFile(other, `${change(await readLines(name)).join('\n')}\n`);
  return other;
}

/** A line as written by a server that stored neither error codes nor summaries. */
function withoutCodes(line: string): string {
  const record = JSON.parse(line) as { event?: object; tool_call?: object };
  const { event, tool_call } = record;
  if (event) Reflect.deleteProperty(event, 'error_code');
  for (const name of ['error_code', 'result_summary']) if (tool_call) Reflect.deleteProperty(tool_call, name);
  return JSON.stringify(record);
}

const wire = async (client: Client, of: Created, query = '', after?: string): Promise<string> => {
  const reader = await client.stream(of, query, after);
  await reader.all();
  return reader.text;
};

describe('a chat that moves to another database', () => {
  it('is the same there, byte by byte, and resumes in the middle', () =>
    withTarget(async ({ app, client }) => {
      const { chat, plain, rich } = await playChat();
      const out = await exportChat(chat);
      const done = await run(app.env, 'import', out);
      expect(done).toMatchObject({ code: 0, stderr: '' });
      expect(done.stdout).toMatch(
        /1 chat, \d+ events, 4 messages, 3 tool calls, 1 workspace file added; 0 records/,
      );

      for (const one of [plain, rich]) {
        const frames = await wire(from.client, one);
        expect(await wire(client, one)).toBe(frames);
        expect(await wire(client, one, '?dialect=v1-unnamed')).toBe(
          await wire(from.client, one, '?dialect=v1-unnamed'),
        );
        const log = await from.client.replay(one.message_id);
        expect(JSON.stringify(await client.replay(one.message_id))).toBe(JSON.stringify(log));
        for (const { id } of log.slice(0, -1))
          expect(await wire(client, one, '', id)).toBe(await wire(from.client, one, '', id));
        expect((await client.stream(one, '', log.at(-1)!.id)).status).toBe(204);
        for (const page of [`/api/messages/${one.message_id}`, `/api/messages/${one.message_id}/tool-calls`])
          expect((await client.get(page)).body).toEqual((await from.client.get(page)).body);
      }
      expect(await client.history(chat)).toEqual(await from.client.history(chat));
      expect((await client.get(`/api/chats/${chat}`)).body).toEqual(
        (await from.client.get(`/api/chats/${chat}`)).body,
      );
      expect((await client.get('/api/users/alice/chats')).body.total).toBe(1);
    }));

  it('can be continued there: the agent finds its files, and the answer follows', () =>
    withTarget(async ({ app, client }) => {
      const { chat } = await playChat();
      await run(app.env, 'import', await exportChat(chat));
      const next = await client.send(chat, 'And now?');
      expect((await client.ended(next)).at(-1)).toMatchObject({ type: 'end', status: 'completed' });
    }));

  it('is read from a file written by a server without error codes', () =>
    withTarget(async ({ app, client }) => {
      const { chat, rich } = await playChat();
      const out = await exportChat(chat);
      const isFailed = (line: string): boolean => line.includes('"error_code":"file_not_found"');
      expect((await readLines(out)).filter(isFailed)).toHaveLength(2); // the event, and the record
      const old = await altered(out, (lines) => lines.map(withoutCodes));
      expect((await readLines(old)).filter(isFailed)).toEqual([]);
      expect(await run(app.env, 'import', old)).toMatchObject({ code: 0, stderr: '' });
      const calls = (await client.get(`/api/messages/${rich.message_id}/tool-calls`)).body as object[];
      expect(calls).toContainEqual(
        expect.objectContaining({ name: 'read_file', status: 'error', error_code: null }),
      );
      const next = await client.send(chat, 'And now?');
      expect((await client.ended(next)).at(-1)).toMatchObject({ status: 'completed' });
    }));

  it('gives the same file again when it is exported there', () =>
    withTarget(async ({ app }) => {
      const { chat } = await playChat();
      const out = await exportChat(chat);
      await run(app.env, 'import', out);
      const again = await run(app.env, 'export', '--chat', chat);
      expect(again.stdout.split('\n').slice(1).join('\n')).toBe(
        (await readLines(out)).slice(1).join('\n') + '\n',
      );
    }));

  it('changes nothing when it is repeated, and completes what was interrupted', () =>
    withTarget(async ({ app, database }) => {
      const { chat, rich } = await playChat();
      const out = await exportChat(chat);
      await run(app.env, 'import', out);
      const before = await contents(database);
      const again = await run(app.env, 'import', out);
      expect(again).toMatchObject({ code: 0, stderr: '' });
      expect(again.stdout).toMatch(/0 chats, 0 events, 0 messages, 0 tool calls, 0 workspace files added/);
      expect(await contents(database)).toEqual(before);

      const { ObjectId } = database.connection.base.Types;
      const m = new ObjectId(rich.message_id);
      await database.connection.collection('messages').deleteOne({ _id: m });
      await database.connection.collection('message_events').deleteOne({ _id: { m, s: 3 } as never });
      expect((await run(app.env, 'import', out)).stdout).toMatch(
        /0 chats, 1 event, 1 message, 0 tool calls,/,
      );
      expect(await contents(database)).toEqual(before);
    }));

  it('can be assigned to another user', () =>
    withTarget(async ({ app, client }) => {
      const { chat } = await playChat();
      const out = await exportChat(chat);
      expect((await run(app.env, 'import', out, '--user', 'bob')).code).toBe(0);
      expect((await client.get('/api/users/bob/chats')).body.items[0].chat_id).toBe(chat);
      const refused = await run(app.env, 'import', out);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('belongs to user "bob"')]);
    }));

  it('is not held in memory: a log of 10,000 events passes in pieces', () =>
    withTarget(async ({ app, client }) => {
      const { chat, plain } = await playChat();
      const out = await exportChat(chat);
      const lines = await readLines(out);
      const at = lines.findIndex((line) => line.includes('"type":"content"'));
      const event = JSON.parse(lines[at]!).event;
      const seqOf = (id: string): number => Number(id.split('_')[1]);
      const long = Array.from({ length: 10_000 }, (_, index) => {
        const id = `1760270888823_${String(seqOf(event.id) + index).padStart(4, '0')}_a26344ee`;
        return JSON.stringify({ kind: 'event', event: { ...event, id, md: `${index} ` } });
      });
      const end = JSON.parse(lines[at + 1]!);
      end.event.id = `1760270888823_${seqOf(event.id) + 10_000}_a26344ee`;
      const { message_id } = plain;
      const mine = (line: string): boolean => line.includes(message_id) || line.includes('"kind":"chat"');
      const kept = [lines[0]!, ...lines.slice(1, at).filter(mine), ...long, JSON.stringify(end)];
      const big = await altered(out, () => [
        ...kept,
        JSON.stringify({ kind: 'end', records: kept.length - 1 }),
      ]);
      expect(await run(app.env, 'import', big)).toMatchObject({ code: 0, stderr: '' });
      const back = await run(app.env, 'export', '--message', message_id);
      expect(back.stdout.split('\n').slice(1)).toEqual((await readFile(big, 'utf8')).split('\n').slice(1));
      expect((await client.replay(message_id)).length).toBe(
        10_000 + at - kept.indexOf(long[0]!) + seqOf(event.id) + 1,
      );
    }));
});

describe('a single message', () => {
  it('is moved with its answer, its log and its tool calls, without the chat’s files', () =>
    withTarget(async ({ app, client }) => {
      const { chat, rich } = await playChat();
      const { code, stdout } = await run(from.app.env, 'export', '--message', rich.message_id);
      expect(code).toBe(0);
      expect(stdout).not.toContain('workspace_file');
      const out = file();
      await writeFile(out, stdout);
      expect((await run(app.env, 'import', out)).code).toBe(0);
      expect((await client.history(chat)).length).toBe(2);
      expect(await wire(client, rich)).toBe(await wire(from.client, rich));
      // The rest of the chat may follow.
      expect((await run(app.env, 'import', await exportChat(chat))).code).toBe(0);
      expect(await client.history(chat)).toEqual(await from.client.history(chat));
    }));
});

describe('a run that has not ended', () => {
  it('is rejected alone, and left out of its chat', async () => {
    const { chat, plain } = await playChat();
    const question = randomUUID();
    const open = await from.client.send(chat, question);
    const answer = await from.model.next(question);
    const alone = await run(from.app.env, 'export', '--message', open.message_id);
    expect(alone).toMatchObject({ code: 1, stdout: '' });
    expect(alone.stderr).toContain(
      `The run of message ${open.message_id} has not ended. Wait until it ends, or cancel it.`,
    );
    const whole = await run(from.app.env, 'export', '--chat', chat);
    expect(whole.code).toBe(0);
    expect(whole.stderr).toContain(`Left out: message ${open.message_id}`);
    expect(whole.stdout).toContain(plain.message_id);
    expect(whole.stdout).not.toContain(open.message_id);
    answer.text('x').finish();
    await from.client.ended(open);
  });
});

describe('an import into a database with different data', () => {
  /** Imports, changes the database, imports again: rejected, and the database stays as it was changed. */
  const refuses = (sentence: string, change: (database: Database, of: Created) => Promise<unknown>) =>
    withTarget(async ({ app, database }) => {
      const { chat, rich } = await playChat();
      const out = await exportChat(chat);
      await run(app.env, 'import', out);
      await change(database, rich);
      const before = await contents(database);
      const { code, stderr, stdout } = await run(app.env, 'import', out);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(sentence);
      expect(stderr).not.toContain('    at ');
      expect(await contents(database)).toEqual(before);
    });
  const collection = (database: Database, name: string) => database.connection.collection(name);

  it('rejects a different event at the same place', () =>
    refuses('has a different event here at place 2', (database) =>
      collection(database, 'message_events').updateMany(
        { '_id.s': 2 },
        { $set: { ts: '2020-01-01T00:00:00.000Z' } },
      ),
    ));

  it('rejects a chat of another tenant', () =>
    refuses('belongs to another tenant', (database) =>
      collection(database, 'chats').updateMany({}, { $set: { tenant_id: 'other' } }),
    ));

  it('rejects a different message', () =>
    refuses('A different message', (database) =>
      collection(database, 'messages').updateOne({ role: 'assistant' }, { $set: { content: 'Forged.' } }),
    ));

  it('rejects a message of another tenant', () =>
    refuses('A different message', (database) =>
      collection(database, 'messages').updateMany({}, { $set: { tenant_id: 'other' } }),
    ));

  it('rejects a different tool call', () =>
    refuses('A different tool call', (database) =>
      collection(database, 'tool_calls').updateOne({}, { $set: { result: 'Forged.' } }),
    ));

  it('rejects a different file', () =>
    refuses('A different workspace file "notes.md"', (database) =>
      collection(database, 'workspace_files').updateOne({}, { $set: { content: 'Mine.' } }),
    ));

  it('does not restore expired events', () =>
    refuses('its events have expired', (database) =>
      collection(database, 'messages').updateMany(
        { role: 'user' },
        { $set: { 'run.events_expired': 'removed' } },
      ),
    ));
});

describe('a broken file', () => {
  let app: TestApp;
  let out: string;
  let database: Database;
  beforeAll(async () => {
    app = await startTestApp();
    database = await openDatabase(app);
    out = await exportChat((await playChat()).chat);
  });
  afterAll(async () => {
    await database.close();
    await app.destroy();
  });

  const replaceIn = (index: number, a: RegExp, b: string) => (lines: string[]) =>
    lines.map((line, i) => (i === index ? line.replace(a, () => b) : line));
  const firstEvent = 4; // header, chat, question, answer, event

  it.each<[string, (lines: string[]) => string[], string]>([
    ['is no JSON', replaceIn(firstEvent, /}$/, ''), 'Line 5: not valid JSON'],
    [
      'has an invalid event',
      replaceIn(firstEvent, /"attempt":1/, '"attempt":0'),
      'Line 5: not a valid event: attempt',
    ],
    [
      'has an unknown event',
      replaceIn(firstEvent, /"type":"start"/, '"type":"jump"'),
      'type "jump" are unknown',
    ],
    [
      'has an event with a storage field',
      replaceIn(firstEvent, /"v":1/, '"v":1,"_id":{"s":9}'),
      'has no field "_id"',
    ],
    [
      'has a poisoned key',
      replaceIn(firstEvent, /"v":1/, '"v":1,"x":{"_bsontype":"Long"}'),
      'key "_bsontype"',
    ],
    [
      'has half a character',
      replaceIn(firstEvent, /"agent":"/, '"agent":"\\ud800'),
      'Line 5: a text contains NUL or a lone',
    ],
    [
      'misses an event',
      (lines) => lines.filter((_, i) => i !== firstEvent),
      'Line 5: the event is not at the expected place 0',
    ],
    ['has an unknown kind', replaceIn(1, /"kind":"chat"/, '"kind":"cat"'), 'Line 2: kind'],
    [
      'has a bad message',
      replaceIn(2, /"status":"completed"/, '"status":"processing"'),
      'Line 3: message.status',
    ],
    [
      'has an unknown field',
      replaceIn(2, /"role"/, '"tenant_id":"other","role"'),
      'Line 3: message: Unrecognized key',
    ],
    ['is cut off', (lines) => lines.slice(0, -1), 'The file is truncated'],
    ['continues after its end', (lines) => [...lines, lines[1]!], 'after its end'],
    [
      'has lost a record',
      (lines) => lines.filter((line) => !line.includes('"kind":"workspace_file"')),
      'should have',
    ],
    ['is something else', () => ['{"type":"other"}'], 'This is not an export'],
    ['is of a later version', replaceIn(0, /"v":1/, '"v":3'), 'version 3'],
    ['has the events of another message', (lines) => lines.toSpliced(4, 0, lines.at(-4)!), 'Line 5:'],
  ])('that %s is rejected with its line, and nothing is written', async (_, change, sentence) => {
    const { code, stderr } = await run(app.env, 'import', await altered(out, change));
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)]);
    expect(stderr).not.toContain('    at ');
    expect(await database.connection.collection('chats').countDocuments()).toBe(0);
    expect(await database.connection.collection('message_events').countDocuments()).toBe(0);
  });

  it('that is empty, not UTF-8, or missing is rejected', async () => {
    const bad = file();
    await writeFile(bad, '');
    expect(await run(app.env, 'import', bad)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('empty'),
    });
    await writeFile(bad, Buffer.concat([await readFile(out), Buffer.from([0xff, 0x0a])]));
    expect((await run(app.env, 'import', bad)).stderr).toMatch(/Line \d+ is not valid UTF-8/);
    expect(await run(app.env, 'import', file())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ENOENT'),
    });
  });
});

describe('the commands', () => {
  it.each([
    ['export'],
    ['export', '--chat', 'nonsense'],
    ['export', '--message', 'nonsense'],
    ['export', '--chat', randomUUID(), '--message', '68eb95dcac4dd9ac2789890e'],
    ['export', '--everything'],
    ['export', 'extra', '--chat', randomUUID()],
    ['import'],
    ['import', 'one', 'two'],
    ['import', 'one', '--user', 'a/b'],
    ['move'],
  ])('%s …: explain themselves and exit with 2', async (...args) => {
    const [name = '', ...rest] = args;
    const { code, stdout, stderr } = await run(from.app.env, name, ...rest);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('Usage: npm run')]);
  });

  it('say what does not exist', async () => {
    const out = file();
    const chat = await run(from.app.env, 'export', '--chat', randomUUID(), '--out', out);
    expect(chat).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no chat with id') });
    const message = await run(from.app.env, 'export', '--message', '68eb95dcac4dd9ac2789890e');
    expect(message).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('There is no message'),
    });
    expect((await readdir(folder)).filter((name) => name.startsWith(path.basename(out)))).toEqual([]);
  });

  it('say which setting is wrong', async () => {
    const { code, stderr } = await run({ MONGODB_URI: 'foo' }, 'export', '--chat', randomUUID());
    expect([code, stderr]).toEqual([1, expect.stringContaining('MONGODB_URI')]);
  });
});
