import request from 'supertest';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';
import { startTestApp, testMongoUri, type TestApp } from '../support/app.js';
import { cleanUp, newFolder, own, serversFile } from './support.js';

// The built application with MCP servers: its start, health, log and end.

afterAll(async () => {
  await cleanUpServers();
  await cleanUp();
});

const program = (env: object = {}): object => ({
  command: process.execPath,
  args: [own('stdio.mjs')],
  env: { TOKEN: 'top-secret-token', ...env },
});

let databases = 0;
async function start(servers: Record<string, object>, env: Record<string, string> = {}) {
  return ServerProcess.start({
    env: {
      MCP_SERVERS_FILE: await serversFile(servers),
      MONGODB_URI: testMongoUri(),
      MONGODB_DATABASE: `mcp_${process.pid}_${++databases}`,
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      ...env,
    },
  });
}

async function toolText(app: TestApp): Promise<any[]> {
  return (await request(app.url).get('/api/tools')).body;
}

describe('a required server', () => {
  let app: TestApp;
  afterEach(() => app.destroy());

  it('lets /health fail while it is not there; the process itself is ready', async () => {
    const file = await serversFile({ needed: { command: '/no/such/program', required: true } });
    app = await startTestApp({ MCP_SERVERS_FILE: file, MCP_START_WAIT_MS: '100' });
    const { status, body } = await request(app.url).get('/health');
    expect([status, body.status, body.details.mcp]).toMatchObject([
      503,
      'error',
      { status: 'down', reason: 'Not connected: needed.', servers: { needed: { required: true } } },
    ]);
    expect((await request(app.url).get('/health/ready')).status).toBe(200);
    expect((await toolText(app)).every(({ source }) => source === undefined)).toBe(true);
  });
});

it('starts in time beside a server that never answers, and ends one that ignores its signal', async () => {
  const state = path.join(await newFolder(), 'state');
  const server = await start(
    { silent: program({ SILENT: 'yes', DEAF: 'yes' }), good: program({ DEAF: 'yes', STATE: state }) },
    { MCP_START_WAIT_MS: '200', SHUTDOWN_GRACE_MS: '1000' },
  );
  const { body } = await request(server.url).get('/health');
  expect(body).toMatchObject({
    status: 'degraded',
    details: {
      mcp: { servers: { silent: { status: 'connecting' }, good: { status: 'connected' } } },
    },
  });
  const { code, signal } = await server.terminate();
  expect([code, signal]).toEqual([0, null]);
  const pid = Number(/pid (\d+)/.exec(await readFile(state, 'utf8'))?.[1]);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('writes what a server complains about to its log, with a bound and without secrets', async () => {
  const server = await start({ loud: program({ COMPLAINTS: '500' }) });
  await until('the last line is there', () => server.output.includes('complaint 50 '));
  const lines = server.output
    .split('\n')
    .filter((line) => line.includes('An MCP server says'))
    .map((line) => JSON.parse(line) as { server: string; line: string });
  expect(lines[0]).toMatchObject({ server: 'loud', line: 'complaint 1 [redacted]' });
  expect(lines.length).toBeLessThanOrEqual(50);
  expect(Math.max(...lines.map(({ line }) => line.length))).toBeLessThanOrEqual(500);
  expect(server.output).not.toContain('top-secret-token');
  await server.terminate();
});

it('does not start with a wrong file, and says why in one sentence', async () => {
  const file = await serversFile({ bad: { command: 'x', timeout_ms: 'soon' } });
  const server = await ServerProcess.prepare({
    env: { MCP_SERVERS_FILE: file, MONGODB_URI: testMongoUri() },
  });
  const { code } = await server.spawn();
  expect(code).toBe(1);
  expect(server.output).toContain(
    `Reprise cannot start: MCP_SERVERS_FILE is wrong. ${file}, line 1: servers.bad.timeout_ms: Invalid input: expected number, received string`,
  );
  expect(server.output).not.toContain('    at ');
});
