import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import net from 'node:net';
import { startTestApp, type TestApp } from '../support/app.js';
import { answerOf, Client } from '../support/client.js';
import { Provider } from '../support/provider.js';

// A tunnelling proxy, like those of companies, between the application and a model server.

let provider: Provider;
let proxy: ConnectProxy;
let app: TestApp;

/** Tunnels every connection to the model server, whatever host it names. */
class ConnectProxy {
  readonly seen: { target: string; authorization: string | undefined }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(port: number, status = 200): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(createServer());
    proxy.server.on('connect', ({ url: target = '', headers }, near: net.Socket) => {
      proxy.seen.push({ target, authorization: headers['proxy-authorization'] });
      if (status !== 200) {
        near.end(`HTTP/1.1 ${status} Refused\r\n\r\n`);
        return;
      }
      const far = net.connect(port, '127.0.0.1', () => {
        near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        near.pipe(far).pipe(near);
      });
      for (const socket of [near, far]) socket.on('error', () => undefined);
    });
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as net.AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function ask(env: Record<string, string>) {
  app = await startTestApp({ ...provider.env, MODEL_RETRIES: '0', ...env });
  const client = new Client(app.url);
  return client.ended(await client.send(await client.newChat(), 'hi'));
}

beforeEach(async () => {
  provider = await Provider.start();
  proxy = await ConnectProxy.start(provider.port);
});
afterEach(async () => {
  await app.destroy();
  proxy.stop();
  await provider.stop();
});

const model = { OPENAI_BASE_URL: 'http://model.example.test:81/v1' };

it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])(
  '%s is used to reach the model',
  async (name) => {
    const events = await ask({ ...model, [name]: `http://user:p%40ss@${proxy.address}` });
    expect(answerOf(events)).toBe('ok');
    expect(proxy.seen[0]).toEqual({
      target: 'model.example.test:81',
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    });
    expect(provider.looked.map(({ path }) => path)).toContain('/v1/models'); // the health page uses the same way
  },
);

it('HTTPS_PROXY is used to reach an https:// model, without a scheme too', async () => {
  const https = { OPENAI_BASE_URL: 'https://model.example.test/v1', HTTPS_PROXY: proxy.address };
  const events = await ask({ ...https, HTTP_PROXY: 'http://127.0.0.1:9' });
  // The model server here does not speak TLS: the tunnel is what matters.
  expect(proxy.seen[0]?.target).toBe('model.example.test:443');
  expect(events.find(({ type }) => type === 'error')).toBeDefined();
});

it.each(['NO_PROXY', 'no_proxy'])('%s names hosts that are reached without it', async (name) => {
  const events = await ask({ HTTP_PROXY: `http://${proxy.address}`, [name]: 'example.org,127.0.0.1' });
  expect(answerOf(events)).toBe('ok');
  expect(proxy.seen).toEqual([]);
});

it('a proxy that refuses is distinguished from a model that does', async () => {
  proxy.stop();
  proxy = await ConnectProxy.start(provider.port, 407);
  const events = await ask({ ...model, HTTP_PROXY: `http://${proxy.address}` });
  expect(events.find(({ type }) => type === 'error')).toMatchObject({
    code: 'model_unavailable',
    error: expect.stringContaining('proxy'),
  });
});
