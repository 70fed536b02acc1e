import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import type { StreamEvent } from '@reprise/protocol';
import { runCommand } from '../../src/transfer/command.js';
import { changeAssistant } from '../support/approvals.js';
import { startTestApp, testMongoUri, type TestApp } from '../support/app.js';
import { Client, type Created } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { until } from '../support/until.js';

const BYTES = Buffer.concat([Buffer.from('Grüße '), Buffer.alloc(600_000, 'ø')]);
const USER = 'alice';

/** What clients had seen before the move. */
interface Seen {
  chat: string;
  ended: Created;
  /** The stream of the ended run, as it came over the wire. */
  stream: string;
  events: StreamEvent[];
  waiting: string;
  waitingEvents: StreamEvent[];
  file: string;
}

/** There and back again: the embedded engine, another MongoDB, and a new embedded engine. */
describe('a backup', () => {
  let folder: string;
  let model: ScriptedModel;
  let seen: Seen;
  const apps: TestApp[] = [];
  const at = (name: string): string => path.join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'reprise-backup-'));
    model = await ScriptedModel.start();
    const app = await start({ MONGODB_URI: '', DATA_DIR: at('first') });
    seen = await live(app);
    await app.stop();
  });
  afterAll(async () => {
    for (const app of apps) await app.stop().catch(() => undefined);
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(env: Record<string, string>): Promise<TestApp> {
    const app = await startTestApp({ ...model.env, ...env });
    apps.push(app);
    changeAssistant(app, { approvals: ['write_file'] });
    return app;
  }

  async function live(app: TestApp): Promise<Seen> {
    const client = new Client(app.url);
    const chat = await client.newChat(USER);
    const ended = await client.send(chat, 'First');
    (await model.next('First')).toolCall('read_file', { path: 'none' }, 'r').finish();
    (await model.next('First')).text('An answer — with “quotes”, 世界.').finish();
    await client.ended(ended);
    const file = await client.newFile(USER, 'notes.txt', BYTES);
    await client.send(chat, 'With a file', { attachments: [{ file_id: file }] });
    const last = await until('the model is asked', () =>
      model.pending.find((one) => one.includes('With a file')),
    );
    (await model.next(last)).text('Seen.').finish();
    const waiting = await client.send(chat, 'Write it');
    (await model.next('Write it')).toolCall('write_file', { path: 'a.md', content: 'A' }, 'w').finish();
    await until(
      'the call waits',
      async () => (await client.message(waiting.message_id)).status === 'waiting',
    );
    return {
      chat,
      ended,
      stream: await streamOf(app, ended),
      events: await client.replay(ended.message_id),
      waiting: waiting.message_id,
      waitingEvents: await client.replay(waiting.message_id),
      file,
    };
  }

  const streamOf = async (app: TestApp, of: Created): Promise<string> =>
    (await fetch(app.url + of.stream_url)).text();

  async function command(
    name: 'export' | 'import',
    args: string[],
    env: Record<string, string>,
  ): Promise<void> {
    let said = '';
    const out = new Writable({
      write: (chunk: Buffer, _, done) => {
        said += chunk.toString();
        done();
      },
    });
    const code = await runCommand(name, args, { env, stdout: out, stderr: out });
    expect([code, code === 0 ? '' : said]).toEqual([0, '']);
  }

  /** Everything that clients had seen is there, byte for byte; the waiting run waits. */
  async function expectEverything(app: TestApp): Promise<void> {
    const client = new Client(app.url);
    expect(await streamOf(app, seen.ended)).toBe(seen.stream);
    expect(await client.replay(seen.ended.message_id)).toEqual(seen.events);
    const bytes = await (await fetch(`${app.url}/api/files/${seen.file}/content`)).arrayBuffer();
    expect(Buffer.from(bytes).equals(BYTES)).toBe(true);
    await until('the run waits', async () => (await client.message(seen.waiting)).status === 'waiting');
    const log = await client.replay(seen.waiting);
    expect(log.slice(0, seen.waitingEvents.length)).toEqual(seen.waitingEvents);
  }

  it('of the folder of a stopped server is that server', async () => {
    await cp(at('first'), at('copy'), { recursive: true });
    const app = await start({ MONGODB_URI: '', DATA_DIR: at('copy'), MONGODB_DATABASE: databaseOf(apps[0]) });
    await expectEverything(app);
    await app.stop();
  });

  it('moves to another MongoDB and back, with logs, files, and a run that waits for a decision', async () => {
    await command('export', ['--all', '--out', at('there')], apps[0]!.env);
    const there = {
      ...apps[0]!.env,
      MONGODB_URI: testMongoUri(),
      MONGODB_DATABASE: `test_backup_${process.pid}`,
    };
    await command('import', [at('there')], there);
    const other = await start(there);
    await expectEverything(other);
    await other.stop();

    await command('export', ['--all', '--out', at('back')], there);
    const back = { ...apps[0]!.env, DATA_DIR: at('second') };
    await command('import', [at('back')], back);
    const app = await start(back);
    await expectEverything(app);
    await decide(app);
    await app.stop();
    await other.destroy().catch(() => undefined);
  });

  const databaseOf = (app: TestApp | undefined): string => app?.env['MONGODB_DATABASE'] ?? '';

  /** The run goes on where it was, after two moves. */
  async function decide(app: TestApp): Promise<void> {
    const client = new Client(app.url);
    const [call] = (await client.message(seen.waiting)).run.waiting.call_ids;
    const path_ = `/api/messages/${seen.waiting}/approvals/${call}`;
    expect((await client.post(path_, { decision: 'approve' })).status).toBe(200);
    (await model.next('Write it')).text('Written.').finish();
    await until('the run ends', async () => (await client.message(seen.waiting)).status === 'completed');
    expect((await client.replay(seen.waiting)).at(-1)).toMatchObject({ type: 'end', status: 'completed' });
  }
});
