import { createServer } from 'node:net';
import { once } from 'node:events';
import { Client } from '../support/client.js';
import {
  cleanUpServers,
  enginesOf,
  freePort,
  newDataDir,
  ServerProcess,
  type Exit,
} from '../support/server-process.js';
import { RedisProcess } from '../support/redis-process.js';
import { until } from '../support/until.js';
import { loadCorpus, QUESTIONS } from './corpus.js';
import { newChat, startRun } from './load.js';
import type { WatchedRun } from './watched-run.js';

const LIMIT_MS = 60_000;

afterEach(cleanUpServers);

interface FailedStart extends Exit {
  output: string;
}

/** Starts what cannot start, and waits until it has given up. */
async function startInVain(env: Record<string, string>): Promise<FailedStart> {
  const server = await ServerProcess.prepare({ env });
  const exit = await server.spawn();
  return { ...exit, output: server.output };
}

/** A server with a run that streams. */
async function streaming(server: ServerProcess): Promise<WatchedRun> {
  const client = new Client(server.url);
  await loadCorpus(client);
  const run = await startRun(client, await newChat(client), QUESTIONS[0]!);
  const viewer = run.watch();
  await until('the answer streams', () => viewer.seen.some(({ type }) => type === 'content'));
  return run;
}

/** How a failed start is reported: a sentence on standard error, a `fatal` line for log readers, no stack. */
function expectSentence({ code, output }: FailedStart, sentence: string | RegExp): void {
  expect(code).toBe(1);
  expect(output).toMatch(sentence);
  expect(output).not.toContain('    at ');
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 60, event: 'start_failed', msg: expect.stringMatching(sentence) }),
  ]);
}

describe('a start with wrong settings', () => {
  it(
    'fails with a sentence for each of them',
    async () => {
      const failed = await startInVain({ PORT: 'abc', MONGODB_URI: 'foo' });
      expectSentence(failed, /Reprise cannot start: 2 settings are wrong\./);
      expect(failed.output).toContain('PORT must be a whole number from 0 to 65535, not "abc".');
      expect(failed.output).toContain('MONGODB_URI must start with mongodb:// or mongodb+srv://.');
    },
    LIMIT_MS,
  );
});

describe('a start in an unsuitable environment', () => {
  // Paths that even root cannot write to: tests may run as root.
  it.each<[string, Record<string, string>, RegExp]>([
    ['a folder under /proc', { DATA_DIR: '/proc/x/y' }, /DATA_DIR \/proc\/x\/y cannot be used: .*\(ENOENT\)/],
    [
      'a file as its folder',
      { DATA_DIR: '/etc/passwd' },
      /DATA_DIR \/etc\/passwd cannot be used: .* is a file/,
    ],
    [
      'a folder in a file',
      { DATA_DIR: '/etc/passwd/x' },
      /DATA_DIR \/etc\/passwd\/x cannot be used: .* is a file/,
    ],
    ['a name too long', { DATA_DIR: `/tmp/${'x'.repeat(300)}` }, /cannot be used: the name is too long/],
    [
      'an address of another machine',
      { HOST: '192.0.2.1' },
      /HOST 192\.0\.2\.1 is not an address of this machine/,
    ],
    ['a host that is no name', { HOST: '::zz' }, /HOST ::zz .*resolved/],
    ['a password that is not encoded', { MONGODB_URI: 'mongodb://u:p/w@host' }, /MONGODB_URI cannot be used/],
    ['no host', { MONGODB_URI: 'mongodb://' }, /MONGODB_URI cannot be used/],
  ])(
    'names the setting: %s',
    async (_, env, sentence) => {
      expectSentence(await startInVain(env), sentence);
    },
    LIMIT_MS,
  );

  it(
    'says so if the port is in use, and starts no engine',
    async () => {
      const port = await freePort();
      const other = createServer().listen(port, '127.0.0.1');
      await once(other, 'listening');
      const server = await ServerProcess.prepare({ port });

      const exit = await server.spawn().finally(() => other.close());

      expectSentence(
        { ...exit, output: server.output },
        new RegExp(`PORT ${port} is already in use on 127\\.0\\.0\\.1`),
      );
      expect(await enginesOf(server.dataDir)).toEqual([]);
    },
    LIMIT_MS,
  );

  it.each([
    ['', /does not lead to a writable MongoDB: connect ECONNREFUSED/],
    ['user:p%40ss@', /does not lead to a writable MongoDB: connect ECONNREFUSED/],
  ])(
    'gives up if the database does not answer, and keeps its password secret (%s)',
    async (login, sentence) => {
      const failed = await startInVain({
        MONGODB_URI: `mongodb://${login}127.0.0.1:${await freePort()}/?tls=false`,
      });
      expectSentence(failed, sentence);
      expect(failed.output).not.toMatch(/p%40ss|p@ss/);
    },
    LIMIT_MS,
  );

  it(
    'distinguishes a database and a Redis without TLS from ones that are not there',
    async () => {
      const redis = await RedisProcess.start();
      try {
        const address = `127.0.0.1:${redis.port}`;
        expectSentence(await startInVain({ REDIS_URL: `rediss://u:secret@${address}` }), /agree about TLS/);
        expectSentence(await startInVain({ REDIS_URL: `redis://u:secret@${address}` }), /Redis rejected/);
        const failed = await startInVain({ MONGODB_URI: `mongodb://${address}/?tls=true` });
        expectSentence(
          failed,
          /MONGODB_URI mongodb:\/\/127\.0\.0\.1:\d+\/ does not lead to a writable MongoDB: /,
        );
      } finally {
        await redis.kill9();
      }
    },
    LIMIT_MS,
  );
});

describe('a start on existing data', () => {
  it(
    'is ready soon, and finds everything',
    async () => {
      const server = await ServerProcess.start();
      const run = await streaming(server);
      await run.readers[0]!.done;
      await server.terminate();

      await server.restart();

      process.stdout.write(`start on existing data: ${Math.round(server.startMs)} ms\n`);
      expect(server.startMs).toBeLessThan(10_000);
      expect((await run.checkOutcome()).status).toBe('completed');
      expect(run.violations).toEqual([]);
      expect((await new Client(server.url).get('/health/ready')).status).toBe(200);
    },
    LIMIT_MS,
  );
});

describe('SIGTERM while answers stream', () => {
  it(
    'ends the process gracefully and soon, and the engine with it',
    async () => {
      const server = await ServerProcess.start();
      const run = await streaming(server);
      expect(await enginesOf(server.dataDir)).toHaveLength(1);

      const exit = await server.terminate();

      process.stdout.write(`end after SIGTERM: ${Math.round(exit.ms)} ms\n`);
      expect(exit).toMatchObject({ code: 0, signal: null });
      expect(exit.ms).toBeLessThan(10_000);
      expect(await enginesOf(server.dataDir)).toEqual([]);
      run.readers[0]!.stop();
    },
    LIMIT_MS,
  );
});

describe('two servers on one data folder', () => {
  it(
    'share one engine, and the death of one does not stop the other',
    async () => {
      const dataDir = await newDataDir();
      const env = { RUN_LEASE_MS: '2000' };
      const [first, second] = await Promise.all([
        ServerProcess.start({ dataDir, env }),
        ServerProcess.start({ dataDir, env }),
      ]);
      expect(await enginesOf(dataDir)).toHaveLength(1);
      const run = await streaming(first);

      await first.kill9();

      const client = new Client(second.url);
      await until('the second server has the run', async () => {
        const { body } = await client.get(`/api/messages/${run.started.message_id}`);
        return body.status === 'completed';
      });
      await first.restart();
      await run.readers[0]!.done;
      await run.checkOutcome();
      expect(run.violations).toEqual([]);
      expect(run.events.some((event) => event.type === 'status')).toBe(true);
    },
    LIMIT_MS,
  );
});
