import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, unlink, type FileHandle } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from '../support/client.js';
import { cleanUpServers, killEngine, ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const MB = 1024 * 1024;
const LIMIT_MS = 120_000;

/** Only root may mount; otherwise these tests report that they were skipped. */
const asRoot = process.getuid?.() === 0 && process.platform === 'linux' ? describe : describe.skip;

/** @returns the one sentence of a failed start: for a person, and the same in a line of the log. */
async function startInVain(server: ServerProcess): Promise<string> {
  const { code } = await server.spawn();
  expect(code).toBe(1);
  const [sentence = '', line = '', ...rest] = server.output.trim().split('\n');
  expect(rest).toEqual([]);
  expect(JSON.parse(line)).toMatchObject({ level: 60, event: 'start_failed', msg: sentence });
  return sentence;
}

asRoot('a separate disk', () => {
  let folder: string;
  let server: ServerProcess | undefined;
  afterEach(async () => {
    await server?.kill9();
    while (await killEngine(folder));
    server = undefined;
    await cleanUpServers();
    await run('umount', ['-l', folder]);
    await rm(folder, { recursive: true });
  });

  async function mount(megabytes: number): Promise<void> {
    folder = await mkdtemp(path.join(os.tmpdir(), 'reprise-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  }

  /** Takes all the space there is. */
  async function fill(): Promise<string> {
    const filler = path.join(folder, 'filler');
    let file: FileHandle | undefined;
    try {
      file = await open(filler, 'w');
      for (;;) await file.write(Buffer.alloc(MB));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    } finally {
      await file?.close();
    }
    return filler;
  }

  it(
    'with too little space for a first start is reported in one sentence',
    async () => {
      await mount(400);
      server = await ServerProcess.prepare({ dataDir: folder });
      const said = await startInVain(server);
      expect(said).toMatch(
        /^Reprise cannot start: The disk of DATA_DIR \(\/.*\) has \d+ MB free, and .* 500 MB/,
      );
      expect(said).toContain(folder);
    },
    LIMIT_MS,
  );

  it(
    'that is full at the first start is reported in one sentence',
    async () => {
      await mount(20);
      server = await ServerProcess.prepare({ dataDir: folder });
      await fill();
      expect(await startInVain(server)).toMatch(
        /^Reprise cannot start: The disk of \/.* is full \(\d+ MB free\)/,
      );
    },
    LIMIT_MS,
  );

  it(
    'that fills up later is reported once in the log, and in /health, and everything recovers when there is space',
    async () => {
      await mount(560);
      server = await ServerProcess.start({ dataDir: folder, env: { RUN_LEASE_MS: '1000' } });
      const client = new Client(server.url);
      const chat = await client.newChat();
      await client.ended(await client.send(chat, 'before'));
      expect((await client.get('/health')).body.details.disk).toMatchObject({ status: 'up' });

      const filler = await fill();
      const low = await client.get('/health');
      expect(low.body).toMatchObject({ details: { disk: { status: 'degraded', free_mb: 0 } } });
      expect(low.body.details.disk.reason).toContain(folder);

      const document = { title: 'Words', content: 'lorem ipsum '.repeat(70_000) };
      const since = server.output.length;
      for (let tries = 0; tries < 200; tries++) {
        const { status } = await client.post('/api/documents', document);
        if (status === 503) break; // the engine has ended
      }
      const said = (): string => server!.output.slice(since);
      await until('the log names the disk', () => said().includes('is full'));
      const health = await client.get('/health');
      expect([health.status, health.body.details.mongo.status]).toEqual([503, 'down']);
      expect(health.body.details.disk.reason).toContain(folder);

      await unlink(filler);
      await until(
        'the server is ready again',
        async () => (await client.get('/health/ready')).status === 200,
      );
      await client.ended(await client.send(chat, 'after'));
      const questions = (await client.history(chat)).filter(({ role }) => role === 'user');
      expect(questions.map(({ content }) => content)).toEqual(['before', 'after']);

      const lines = said()
        .split('\n')
        .filter((line) => line !== '');
      expect(lines.filter((line) => !line.startsWith('{'))).toEqual([]);
      const full = lines
        .map((line) => JSON.parse(line))
        .filter(({ msg }) => /The disk of .* is full/.test(msg));
      expect(full).toHaveLength(1);
      expect(said()).not.toContain('docker compose');
    },
    LIMIT_MS,
  );
});
