import { randomUUID } from 'node:crypto';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import mongoose from 'mongoose';
import { runCommand } from '../../src/transfer/command.js';
import { playRichRun, setStage } from '../conformance/setup.js';
import { startTestApp, testMongoUri, type TestApp } from '../support/app.js';
import { openDatabase, Client } from '../support/client.js';
import { until } from '../support/until.js';

const MAIN = fileURLToPath(new URL('../../dist/transfer/main.js', import.meta.url));
const SMALL_PARTS = ['--part-mb', '0.004'];

type Env = Record<string, string>;
type Contents = Record<string, Record<string, unknown>[]>;

let folder: string;
let source: { env: Env; drop: () => Promise<void> };
const databases = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'reprise-transfer-all-'));
  source = await fillDatabase();
});
afterAll(async () => {
  await source.drop();
  for (const name of databases) await withDatabase(name, (connection) => connection.dropDatabase());
  await rm(folder, { recursive: true, force: true });
});

async function withDatabase<T>(
  name: string,
  work: (connection: mongoose.Connection) => Promise<T>,
): Promise<T> {
  const connection = await mongoose.createConnection(testMongoUri(), { dbName: name }).asPromise();
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** Users, chats with everything, two tenants, documents, pending and leftover runs: then no server. */
async function fillDatabase(): Promise<typeof source> {
  const { app, model, client } = await setStage({ MODEL_RETRIES: '0' });
  for (let index = 0; index < 5; index++) {
    const chat = await client.newChat(index % 2 ? 'bob' : 'alice');
    const question = randomUUID();
    const files = index > 1 ? [] : await twoFiles(client, index % 2 ? 'bob' : 'alice');
    const metadata = { index, deep: { list: [1, 'ø', null] } };
    const run = await client.send(chat, question, { metadata, attachments: files });
    await playRichRun(model, question);
    await client.ended(run);
  }
  const named = await client.patch('/api/users/alice', { name: 'Alice Ørsted', email: 'alice@example.org' });
  expect(named.status).toBe(200);
  for (const title of ['Bilag E', 'Plan'])
    await client.post('/api/documents', {
      title,
      content: `# ${title}\n\n${'The supplier delivers on time.\n\n'.repeat(200)}`,
      metadata: { 'a.b': title },
    });
  await app.stop();
  const name = app.env['MONGODB_DATABASE'] ?? '';
  await withDatabase(name, addWhatNoServerHolds);
  await model.stop();
  return {
    env: app.env,
    drop: () => withDatabase(name, (connection) => connection.dropDatabase().then(() => undefined)),
  };
}

/** One in several pieces; and a third, which no message has. */
async function twoFiles(client: Client, user: string): Promise<{ file_id: string }[]> {
  await client.newFile(user, 'unused.txt', 'unused');
  const text = await client.newFile(user, 'notes.txt', 'Æ note.\n'.repeat(20_000));
  return [{ file_id: text }, { file_id: await client.newFile(user, 'p.md', '# Small') }];
}

async function addWhatNoServerHolds({ db }: mongoose.Connection): Promise<void> {
  if (!db) throw new Error('not connected');
  const cause = { status: 400, type: 'invalid_request_error', message: 'No.' };
  const failure = { error: 'Refused', code: 'model_rejected', retryable: false, cause };
  await db
    .collection('messages')
    .updateOne({ role: 'user' }, { $set: { status: 'error', error: 'Refused', 'run.failure': failure } });
  const [moved] = await db.collection('chats').find().sort({ _id: 1 }).limit(1).toArray();
  const chat_id = moved?._id as unknown as string;
  for (const collection of ['messages', 'tool_calls', 'workspace_files'])
    await db.collection(collection).updateMany({ chat_id }, { $set: { tenant_id: 'other' } });
  const files = await db.collection('files').find({ chat_ids: chat_id }).toArray();
  const file_id = { $in: files.map(({ _id }) => _id) };
  await db.collection('files').updateMany({ chat_ids: chat_id }, { $set: { tenant_id: 'other' } });
  await db.collection('file_parts').updateMany({ file_id }, { $set: { tenant_id: 'other' } });
  await db.collection('message_events').updateMany({ chat_id }, { $set: { tenant_id: 'other' } });
  await db.collection('chats').updateOne({ _id: chat_id as never }, { $set: { tenant_id: 'other' } });
  const user = { name: null, email: null, created_at: new Date(1), last_active: new Date(2) };
  await db.collection('users').insertOne({ tenant_id: 'other', user_id: moved?.['user_id'], ...user });
  const [, chat] = await db.collection('chats').find().sort({ _id: 1 }).limit(2).toArray();
  const question = (fields: object, run: object): object => ({
    tenant_id: 'default',
    chat_id: chat?._id,
    user_id: chat?.['user_id'],
    role: 'user',
    content: 'Left behind?',
    metadata: {},
    created_at: new Date(),
    idempotency: { key: randomUUID(), fingerprint: 'f' },
    run: { open: true, attempt: 1, handovers: 0, cancel_requested: false, queued_at: new Date(), ...run },
    ...fields,
  });
  await db
    .collection('messages')
    .insertMany([
      question(
        { status: 'processing' },
        { lease: { owner: 'gone/1/x', expires_at: new Date(0) }, started_at: new Date() },
      ),
      question({ status: 'pending' }, { attempt: 0, exclusive: true, interrupts_at: new Date() }),
    ]);
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

async function run(env: Env, name: string, ...args: string[]): Promise<Outcome> {
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

/** The settings of an empty database. */
function emptyDatabase(): Env {
  const name = `test_${randomUUID().slice(0, 12).replace('-', '')}`;
  databases.add(name);
  return { ...source.env, MONGODB_DATABASE: name };
}

const place = (ending = ''): string => path.join(folder, `${randomUUID()}${ending}`);

/** Every collection, without what a copy rebuilds: ids that nobody sees, and who held a run. */
/**
 * What a server makes anew, or what serves only the one it was made for: definitions of agents and tools, which each start
 * stores, and webhooks that are still to be sent. The turns of a run refer to them, and stay behind, too. Summaries and
 * vectors are derived; tokens and the server's secret belong to the place where they were given, usage to its day.
 */
const LEFT_BEHIND = new Set([
  // Logins belong to a deployment, and so do its audit log and its figures (docs/moving.md).
  'account_links',
  'accounts',
  'audit_entries',
  'door_marks',
  'login_sessions',
  // Written by each server about its own database.
  'schema_versions',
  'access_tokens',
  'agent_versions',
  'approval_notices',
  'conversation_summaries',
  'passage_vectors',
  'server_secrets',
  'tool_sets',
  'usage_days',
  'vector_marks',
]);

async function contents({ MONGODB_DATABASE = '' }: Env): Promise<Contents> {
  return withDatabase(MONGODB_DATABASE, async ({ db }) => {
    if (!db) throw new Error('not connected');
    const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
    const all: Contents = {};
    for (const name of names.filter((one) => !LEFT_BEHIND.has(one))) {
      const unused = (await db.collection('files').find({ chat_ids: [] }).toArray()).map(({ _id }) => _id);
      const filter = { _id: { $nin: unused }, file_id: { $nin: unused } };
      const rows = await db.collection(name).find(filter).sort({ _id: 1 }).toArray();
      const anew = new Set(['file_parts', 'users', 'tool_calls', 'workspace_files', 'document_passages']);
      const kept = rows.map((row) => {
        // A chat learns these again from its messages.
        const { _id, open_runs, answered, asked, ...rest } = row as unknown as Record<string, unknown>;
        const { turns: _turns, ...run } = (rest['run'] ?? {}) as { lease?: unknown; turns?: unknown };
        if (rest['run']) rest['run'] = { ...run, ...(run.lease ? { lease: 'nobody' } : {}) };
        return anew.has(name) ? rest : { _id, ...rest };
      });
      all[name] = anew.has(name) ? kept.sort((a, b) => (inOrder(a) < inOrder(b) ? -1 : 1)) : kept;
    }
    return all;
  });
}

const inOrder = (row: Record<string, unknown>): string => JSON.stringify(Object.entries(row).sort());

/** A command in a separate process, which is killed as soon as a condition holds. */
async function killedWhen(env: Env, args: string[], isSo: () => Promise<boolean>): Promise<void> {
  const child: ChildProcess = fork(MAIN, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const over = new AbortController();
  const end = ended.then(() => {
    over.abort();
  });
  while (!over.signal.aborted && !(await isSo())) await Promise.race([end, setImmediate()]);
  child.kill('SIGKILL');
  await ended;
}

async function exportAll(to: string, ...args: string[]): Promise<Outcome> {
  const outcome = await run(source.env, 'export', '--all', '--out', to, ...args);
  expect(outcome).toMatchObject({ code: 0, stdout: '' });
  return outcome;
}

describe('an export of everything', () => {
  it.each(['.jsonl', '.jsonl.gz', ''])(
    'as "%s" fills an empty database with the same data',
    async (ending) => {
      const out = place(ending);
      const { stderr } = await exportAll(out, ...SMALL_PARTS);
      expect(stderr).toMatch(
        /Exported 3 users, 2 documents, 5 chats, 12 messages, \d+ events, 15 tool calls,/,
      );
      const env = emptyDatabase();
      const done = await run(env, 'import', out);
      expect(done).toMatchObject({ code: 0, stderr: '' });
      expect(done.stdout).toMatch(/3 users, 2 documents, 5 chats, .*added; 0 records existed already/);
      const [before, after] = [await contents(source.env), await contents(env)];
      expect(Object.keys(before)).toEqual([
        'chats',
        'document_passages',
        'documents',
        'file_parts',
        'files',
        'message_events',
        'messages',
        'tool_calls',
        'users',
        'workspace_files',
      ]);
      expect(after).toEqual(before);
      expect([before['files']?.length, before['file_parts']?.length]).toEqual([4, 12]);
      expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
    },
  );

  it('passes through npm’s pipe if npm is silent, and is rejected if it is not', async () => {
    const silent = { ...source.env, npm_lifecycle_event: 'export', npm_config_loglevel: 'silent' };
    const { code, stdout } = await run(silent, 'export', '--all');
    expect([code, stdout.split('\n')[0]]).toEqual([
      0,
      expect.stringContaining('"type":"reprise-export","v":2'),
    ]);
    const loud = await run({ ...source.env, npm_lifecycle_event: 'export' }, 'export', '--all');
    expect(loud).toMatchObject({ code: 2, stdout: '' });
    expect(loud.stderr).toContain('Name a file with --out');
    const bad = place('.jsonl');
    await writeFile(bad, `\n> reprise@0.1.0 export\n> node dist/transfer/main.js export\n\n${stdout}`);
    expect((await run(emptyDatabase(), 'import', bad)).stderr).toContain('lines written by npm');
  });

  it('of an empty database is an export, too', async () => {
    const out = place();
    expect((await run(emptyDatabase(), 'export', '--all', '--out', out)).stderr).toContain(
      'an empty database',
    );
    expect(await run(emptyDatabase(), 'import', out)).toMatchObject({ code: 0 });
  });

  it('continues after being killed, and is not imported before', async () => {
    const out = place();
    const parts = async (): Promise<string[]> =>
      (await readdir(out).catch(() => [])).filter((name) => /^part-\d+\.jsonl\.gz$/.test(name));
    await killedWhen(
      source.env,
      ['export', '--all', '--out', out, ...SMALL_PARTS],
      async () => (await parts()).length > 2,
    );
    const done = await parts();
    if (JSON.parse(await readFile(path.join(out, 'export.json'), 'utf8')).finished_at === undefined) {
      const early = await run(emptyDatabase(), 'import', out);
      expect([early.code, early.stderr]).toEqual([
        1,
        expect.stringContaining('was interrupted. Run the same export again'),
      ]);
      await exportAll(out, ...SMALL_PARTS);
      expect((await parts()).length).toBeGreaterThan(done.length);
    }
    const env = emptyDatabase();
    expect(await run(env, 'import', out)).toMatchObject({ code: 0 });
    expect(await contents(env)).toEqual(await contents(source.env));
  }, 120_000);

  it('neither overwrites an export nor writes into anything else', async () => {
    const out = place();
    await exportAll(out);
    const again = await run(source.env, 'export', '--all', '--out', out);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('Name another folder')]);
    const mine = await mkdtemp(path.join(folder, 'mine-'));
    await writeFile(path.join(mine, 'letter.txt'), 'Dear');
    const refused = await run(source.env, 'export', '--all', '--out', mine);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('contains something else')]);
    expect(await readdir(mine)).toEqual(['letter.txt']);
  });
});

describe('an import of everything', () => {
  it('completes by repetition after being killed again and again', async () => {
    const out = place('.jsonl');
    await exportAll(out);
    const env = emptyDatabase();
    const name = env['MONGODB_DATABASE'] ?? '';
    const count = (collection: string): Promise<number> =>
      withDatabase(name, (connection) => connection.collection(collection).countDocuments());
    for (const [collection, enough] of [
      ['users', 1],
      ['document_passages', 1],
      ['message_events', 1],
      ['messages', 3],
    ] as const)
      await killedWhen(env, ['import', out], async () => (await count(collection)) >= enough);
    const done = await run(env, 'import', out);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(await contents(env)).toEqual(await contents(source.env));
    expect((await run(env, 'import', out)).stdout).toMatch(/0 users, 0 documents, 0 chats, .*added; [1-9]/);
  }, 120_000);

  it('is continued by a server: leftover runs are answered, and it can be repeated then', async () => {
    const out = place('.jsonl');
    await exportAll(out);
    const env = emptyDatabase();
    expect(await run(env, 'import', out)).toMatchObject({ code: 0 });
    const { OPENAI_BASE_URL: _, OPENAI_API_KEY: __, ...offline } = env;
    const app: TestApp = await startTestApp(offline);
    try {
      const { connection, close } = await openDatabase(app);
      const left = { content: 'Left behind?', status: { $in: ['pending', 'processing'] } };
      await until(
        'they are answered',
        async () => (await connection.collection('messages').countDocuments(left)) === 0,
      );
      await close();
      const documents = await new Client(app.url).get('/api/documents');
      expect(documents.body.total).toBe(2);
      expect(await run(env, 'import', out)).toMatchObject({ code: 0 });
    } finally {
      await app.stop();
    }
  });

  it.each<[string, string, object, object, string]>([
    [
      'user',
      'users',
      { name: 'Alice Ørsted' },
      { $set: { email: 'other@example.org' } },
      'A different user "alice"',
    ],
    ['document', 'documents', { title: 'Plan' }, { $set: { title: 'Plan B' } }, 'A different document'],
    ['chat', 'chats', { tenant_id: 'other' }, { $set: { tenant_id: 'third' } }, 'belongs to another tenant'],
    ['message', 'messages', { role: 'assistant' }, { $set: { content: 'Forged' } }, 'A different message'],
    ['file', 'workspace_files', {}, { $set: { content: 'Forged' } }, 'A different workspace file'],
    [
      'attached file',
      'file_parts',
      { kind: 'bytes' },
      { $set: { bytes: Buffer.from('x') } },
      'A different file',
    ],
  ])('rejects a different %s, and changes nothing', async (_, collection, filter, change, sentence) => {
    const out = place('.jsonl.gz');
    await exportAll(out);
    const env = emptyDatabase();
    await run(env, 'import', out);
    await withDatabase(env['MONGODB_DATABASE'] ?? '', (connection) =>
      connection.collection(collection).updateOne(filter, change),
    );
    const before = await contents(env);
    const { code, stderr } = await run(env, 'import', out);
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)]);
    expect(await contents(env)).toEqual(before);
  });
});

describe('a broken export of everything', () => {
  const linesOf = async (): Promise<string[]> => {
    const out = place('.jsonl');
    await exportAll(out);
    return (await readFile(out, 'utf8')).trimEnd().split('\n');
  };
  const text = (lines: string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`);
  const at = (lines: string[], kind: string, nth = 0): number =>
    lines.flatMap((line, index) => (line.includes(`{"kind":"${kind}"`) ? [index] : []))[nth] ?? -1;
  const completed = (lines: string[]): number =>
    lines.findIndex((line) => /^\{"kind":"message".*"role":"user".*"status":"completed"/.test(line));
  const edit = (lines: string[], index: number, a: string | RegExp, b: string): string[] =>
    lines.with(index, (lines[index] ?? '').replace(a, b));

  it.each<[string, (lines: string[]) => Buffer, RegExp]>([
    [
      'a packed file that is cut',
      (lines) => gzipSync(text(lines)).subarray(0, -200),
      /truncated: its gzip data has no end/,
    ],
    ['a packed file that is damaged', (lines) => damaged(gzipSync(text(lines))), /gzip|Line \d+/],
    ['a file that is cut', (lines) => text(lines.slice(0, -3)), /The file is truncated/],
    [
      'a user twice',
      (lines) => text(lines.toSpliced(2, 0, lines[1] ?? '')),
      /Line 3: this user occurs twice/,
    ],
    [
      'a chat before a document',
      (lines) => text([...lines.slice(0, -1), lines[at(lines, 'document')] ?? '']),
      /must come before every chat/,
    ],
    [
      'a chat without a tenant',
      (lines) => text(edit(lines, at(lines, 'chat'), /"tenant_id":"[^"]*",/, '')),
      /Line \d+: chat\.tenant_id: missing/,
    ],
    [
      'a user with an id that no route takes',
      (lines) => text(edit(lines, 1, /"user_id":"[^"]*"/, '"user_id":"a/b"')),
      /Line 2: user\.user_id/,
    ],
    [
      'an unknown field',
      (lines) => text(edit(lines, at(lines, 'document'), '"title"', '"grams":"x","title"')),
      /Line \d+: document: .*grams/,
    ],
    [
      'a poisoned key',
      (lines) => text(edit(lines, at(lines, 'document'), '"a.b"', '"__proto__"')),
      /Line \d+: a key "__proto__"/,
    ],
    [
      'a run that has ended and is open',
      // Chats are in the order of their random ids: the first message may be one that waits.
      (lines) => text(edit(lines, completed(lines), '"status":"completed"', '"status":"pending"')),
      /Line \d+: message/,
    ],
    [
      'events of nothing',
      (lines) => text(lines.toSpliced(1, 0, lines[at(lines, 'event')] ?? '')),
      /Line 2: this must come after its chat/,
    ],
    ['no JSON', (lines) => text(lines.with(5, '{')), /Line 6: not valid JSON/],
  ])('(%s) is rejected with its line, and nothing is stored', async (_, change, sentence) => {
    const bad = place('.jsonl');
    await writeFile(bad, change(await linesOf()));
    const env = emptyDatabase();
    const { code, stderr, stdout } = await run(env, 'import', bad);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain('    at ');
    expect(Object.values(await contents(env)).flat()).toEqual([]);
  });

  it('as a folder names the file, and what is missing', async () => {
    const out = place();
    await exportAll(out, ...SMALL_PARTS);
    const part = path.join(out, 'part-000002.jsonl.gz');
    const whole = await readFile(part);
    await writeFile(part, gzipSync(gunzipSync(whole).toString().replace('"kind":"', '"kind":"x')));
    const bad = await run(emptyDatabase(), 'import', out);
    expect([bad.code, bad.stderr]).toEqual([
      1,
      expect.stringMatching(/part-000002\.jsonl\.gz: Line \d+: kind/),
    ]);
    await rm(part);
    expect((await run(emptyDatabase(), 'import', out)).stderr).toContain(
      'is missing its file part-000002.jsonl.gz',
    );
    await writeFile(
      path.join(out, 'export.json'),
      '{"type":"reprise-export-folder","parts":[{"file":"../../x"}]}',
    );
    expect((await run(emptyDatabase(), 'import', out)).stderr).toContain('was not written by an export');
  });
});

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0x5a, Math.floor(copy.length / 2), Math.floor(copy.length / 2) + 40);
  return copy;
}

it('knows every stored field: a new one must be transferred, or listed here with a reason', async () => {
  const app = await startTestApp();
  try {
    const { getConnectionToken } = await import('@nestjs/mongoose');
    const { models } = app.nest.get<mongoose.Connection>(getConnectionToken());
    const fields = Object.fromEntries(
      Object.values(models).map((model) => [
        model.collection.name,
        Object.keys(model.schema.paths).concat(nestedPaths(model.schema)).sort().join(' '),
      ]),
    );
    expect(fields).toMatchSnapshot();
  } finally {
    await app.destroy();
  }
});

function nestedPaths(schema: mongoose.Schema): string[] {
  return Object.keys((schema as unknown as { singleNestedPaths: object }).singleNestedPaths);
}
