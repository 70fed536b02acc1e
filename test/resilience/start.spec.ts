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

describe('a start with wrong settings', () => {
  it.each([
    ['PORT', 'abc'],
    ['MONGODB_URI', 'foo'],
  ])(
    'stops with a sentence that names %s=%s',
    async (name, value) => {
      const { code, output } = await startInVain({ [name]: value });

      expect(code).toBe(1);
      expect(output).toContain('Reprise cannot start: Wrong settings.');
      expect(output).toContain(`${name}: `);
      expect(output).not.toContain('    at '); // no stack: it is no fault of the program
    },
    LIMIT_MS,
  );
});

describe('a start that finds the world not as it needs it', () => {
  it(
    'says so when the port is taken, and leaves no engine behind',
    async () => {
      const port = await freePort();
      const other = createServer().listen(port, '127.0.0.1');
      await once(other, 'listening');
      const server = await ServerProcess.prepare({ port });

      const { code } = await server.spawn().finally(() => other.close());

      expect(code).toBe(1);
      expect(server.output).toContain('Reprise cannot start: ');
      expect(server.output).toContain(String(port));
      expect(await enginesOf(server.dataDir)).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'gives up within reasonable time when the database does not answer',
    async () => {
      const { code, output, ms } = await startInVain({
        MONGODB_URI: `mongodb://127.0.0.1:${await freePort()}`,
      });

      expect(code).toBe(1);
      expect(output).toContain('Reprise cannot start: ');
      expect(output).toContain('ECONNREFUSED');
      expect(ms).toBeLessThan(30_000);
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
    'ends the process in order and soon, and the engine with it',
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
