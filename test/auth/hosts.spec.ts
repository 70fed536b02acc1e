import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import { startTestApp, type TestApp } from '../support/app.js';

/** An address of this machine that is not loopback; containers have one too. */
const ADDRESS = Object.values(os.networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

async function ask(
  url: string,
  headers: Record<string, string>,
  { path = '/api/agents', method = 'GET' } = {},
): Promise<{ status: number; code: string | undefined }> {
  const request = http.request(url + path, { method, headers, agent: false }).end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  const isProblem = text !== '' && (response.headers['content-type']?.includes('problem') ?? false);
  const { code } = (isProblem ? JSON.parse(text) : {}) as { code?: string };
  return { status: response.statusCode ?? 0, code };
}

describe('a server for this machine only', () => {
  let app: TestApp;
  let port: string;
  beforeAll(async () => {
    app = await startTestApp({ HOSTS: 'chat.example.com, [fd00::1]' });
    ({ port } = new URL(app.url));
  });
  afterAll(() => app.destroy());

  it.each([
    'localhost',
    'LocalHost',
    'localhost.',
    'reprise.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'chat.example.com',
    'CHAT.example.com.',
    '[fd00::1]',
  ])('answers to %s, with any port', async (name) => {
    for (const host of [name, `${name}:${port}`, `${name}:80`])
      expect(await ask(app.url, { host })).toEqual({ status: 200, code: undefined });
  });

  it.each([
    'evil.example',
    `evil.example:80`,
    'localhost.evil.example',
    'evil.example.',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '127.0.0.1x',
    '127.evil.example',
    'sub.chat.example.com',
    'chat.example.com.evil.example',
    'localhost@evil.example',
    'evil.example/localhost',
    'localhost:80:80',
    '192.0.2.1',
    '0.0.0.0',
    '[fd00::2]',
    '[::1',
    'localhost, evil.example',
  ])('does not answer to "%s"', async (host) => {
    for (const [path, method] of [
      ['/api/agents', 'GET'],
      ['/', 'GET'],
      ['/assets/x.js', 'GET'],
      ['/api/docs', 'GET'],
      ['/api/openapi.json', 'HEAD'],
      ['/api/users/alice/chats', 'POST'],
      ['/api/users/alice/chats', 'OPTIONS'],
      ['/health', 'GET'],
      ['/metrics', 'GET'],
      ['/nothing', 'GET'],
    ] as const) {
      const { status, code } = await ask(app.url, { host }, { path, method });
      expect([path, status]).toEqual([path, 421]);
      if (method !== 'HEAD') expect(code).toBe('unknown_host');
    }
  });

  it('does not answer a proxy that was reached by another name', async () => {
    const by = (name: string): Record<string, string> => ({ host: 'localhost', 'x-forwarded-host': name });
    expect(await ask(app.url, by('evil.example'))).toEqual({ status: 421, code: 'unknown_host' });
    expect(await ask(app.url, by('chat.example.com, evil.example'))).toMatchObject({ status: 421 });
    expect(await ask(app.url, by('chat.example.com'))).toMatchObject({ status: 200 });
  });

  it('a page that has rebound its name cannot pretend that a proxy stands in between', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'localhost' };
    expect(await ask(app.url, headers)).toEqual({ status: 421, code: 'unknown_host' });
  });

  it('answers probes by any name, or by none', async () => {
    for (const path of ['/health/live', '/health/ready'])
      expect(await ask(app.url, { host: '10.1.2.3:8000' }, { path })).toMatchObject({ status: 200 });
    expect(await askWithoutHost('/health/live')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('does not answer a request without a name', async () => {
    const refusal = /^HTTP\/1\.1 421 [^]*"code":"unknown_host"/;
    expect(await askWithoutHost('/api/agents')).toMatch(refusal);
    expect(await askWithoutHost('/api/agents', 'Host:\r\n')).toMatch(refusal);
  });

  async function askWithoutHost(path: string, headers = ''): Promise<string> {
    const socket = net.connect(Number(port), '127.0.0.1').setEncoding('utf8');
    socket.write(`GET ${path} HTTP/1.0\r\n${headers}\r\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  }
});

describe('a server for all addresses', () => {
  it('does not start without authentication, and says what to do', async () => {
    await expect(startTestApp({ HOST: '0.0.0.0' })).rejects.toThrow(/^HOST 0\.0\.0\.0 .*ALLOW_INSECURE=1/);
    await expect(startTestApp({ HOST: '::' })).rejects.toThrow(/^HOST :: .*ALLOW_INSECURE=1/);
  });

  it.each(['localhost', '127.0.0.2', '::1'])('starts at the loopback address %s', async (HOST) => {
    const app = await startTestApp({ HOST });
    expect(await ask(app.url, {})).toMatchObject({ status: 200 });
    await app.destroy();
  });

  it('answers to the address at which it was reached, and to no other name', async () => {
    const app = await startTestApp({ HOST: '0.0.0.0', ALLOW_INSECURE: '1' });
    const { port } = new URL(app.url);
    const here = `http://${ADDRESS ?? '127.0.0.1'}:${port}`;
    expect(await ask(here, {})).toMatchObject({ status: 200 }); // as a probe of Kubernetes asks a pod
    expect(await ask(here, { host: `0.0.0.0:${port}` })).toMatchObject({ status: 200 });
    expect(await ask(here, { host: '192.0.2.1' })).toMatchObject({ status: 421 });
    expect(await ask(here, { host: os.hostname() })).toMatchObject({ status: 421 });
    await app.destroy();
  });
});
