import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { testMongoUri } from '../../support/app.js';
import { answerOf, Client, type Created } from '../../support/client.js';
import { CuttingProxy } from '../../support/cutting-proxy.js';
import { RawStream } from '../../support/raw-stream.js';
import { cleanUpServers, freePort, ServerProcess } from '../../support/server-process.js';
import { until } from '../../support/until.js';
import { sharedToken } from '../../auth/identity-provider.js';
import { eventsIn, textIn } from '../session/reader.js';

const SERVICE = fileURLToPath(new URL('../../../examples/agent-service/server.mjs', import.meta.url));
const JWT_SECRET = 'a secret of at least thirty-two characters';
const AGENT_SECRET = 'the secret of the agents';
const TOKEN = 'the token of the service';
const HELLO = (said: string): string => `Hello alice of acme, you said "${said}", after 0 messages.`;

/** A way to a service that another process can take over. */
class Gate {
  private target = 0;
  private readonly clients = new Set<net.Socket>();
  private constructor(private readonly server: net.Server) {
    server.on('connection', (client) => {
      const upstream = net.connect(this.target, '127.0.0.1');
      this.clients.add(client);
      for (const socket of [client, upstream])
        socket
          .on('error', () => undefined)
          .on('close', () => {
            client.destroy();
            upstream.destroy();
          });
      client.pipe(upstream).pipe(client);
    });
  }
  static async open(): Promise<Gate> {
    const server = net.createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Gate(server);
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as net.AddressInfo).port}`;
  }
  /** Connections that are open end, as they do when the process behind them is gone. */
  leadTo({ port }: ServerProcess): void {
    this.target = port;
    for (const client of this.clients) client.destroy();
    this.clients.clear();
  }
  close(): void {
    this.server.close();
  }
}

describe('examples/agent-service and the server, each a process of its own', () => {
  let folder: string;
  let product: ServerProcess;
  let service: ServerProcess;
  let gate: Gate;
  let proxy: CuttingProxy;
  let budget = 480; // in the middle of the words
  let alice: Client;
  let headers: Record<string, string>;

  const startService = (more: Record<string, string> = {}, port?: number): Promise<ServerProcess> =>
    ServerProcess.start({
      main: SERVICE,
      ...(port !== undefined && { port }),
      env: {
        TMS_API_BASE_URL: product.url,
        AI_AGENT_SECRET: AGENT_SECRET,
        SERVICE_TOKEN: TOKEN,
        WORD_MS: '1',
        ...more,
      },
    });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'reprise-agents-'));
    gate = await Gate.open();
    proxy = await CuttingProxy.start(gate.url, () => {
      const now = budget;
      budget = Infinity;
      return now;
    });
    const mutePort = await freePort();
    const wrongPort = await freePort();
    const agent = (name: string, url: string, more = ''): string =>
      `  - { name: ${name}, kind: remote, description: Far., url: '${url}', headers: { Authorization: 'Bearer ${TOKEN}' }${more} }\n`;
    const file = path.join(folder, 'agents.yaml');
    await writeFile(
      file,
      'agents:\n' +
        agent('far', `${gate.url}/chat`) +
        agent('cut', `${proxy.url}/chat`) +
        agent('mute', `http://127.0.0.1:${mutePort}/chat`, ', timeout_ms: 300') +
        agent('wrong-secret', `http://127.0.0.1:${wrongPort}/chat`) +
        agent('wrong-token', `${gate.url}/chat`).replace(TOKEN, 'another'),
    );
    product = await ServerProcess.start({
      env: {
        MONGODB_URI: testMongoUri(),
        MONGODB_DATABASE: `test_${randomBytes(6).toString('hex')}`,
        AGENTS_FILE: file,
        AUTH_MODE: 'jwt',
        AUTH_JWT_SECRET: JWT_SECRET,
        AI_AGENT_SECRET: AGENT_SECRET,
        MODEL_RETRIES: '0',
        RUN_LEASE_MS: '1000',
      },
    });
    service = await startService();
    gate.leadTo(service);
    await startService({ WORD_MS: '60000' }, mutePort);
    await startService({ AI_AGENT_SECRET: 'guessed' }, wrongPort);
    headers = {
      authorization: `Bearer ${await sharedToken(JWT_SECRET, 'alice', { claims: { tenant_id: 'acme' } })}`,
    };
    alice = new Client(product.url, headers);
  });
  afterAll(async () => {
    await cleanUpServers();
    await proxy.stop();
    gate.close();
    await rm(folder, { recursive: true, force: true });
  });

  const chat = (message: string, agent = 'far'): Promise<RawStream> =>
    RawStream.post(`${product.url}/chat/stream`, { message, options: { agent } }, headers);
  const runOf = (stream: RawStream): Created => ({
    message_id: String(stream.headers['x-message-id']),
    stream_url: String(stream.headers['x-stream-url']),
  });
  const logOf = (stream: RawStream): ReturnType<Client['replay']> => alice.replay(runOf(stream).message_id);

  it('answer together: the service logs in, reads the chat, and streams; two doors show the same run', async () => {
    const stream = await chat('Who am I?');
    const other = await RawStream.open(product.url + runOf(stream).stream_url);
    await Promise.all([stream.end(), other.end()]);
    const events = await logOf(stream);
    expect(textIn(stream.text)).toBe(HELLO('Who am I?'));
    expect(answerOf(events)).toBe(HELLO('Who am I?'));
    expect(stream.ids).toEqual(events.map(({ id }) => id));
    expect(other.ids).toEqual(stream.ids);
    expect(stream.text).toContain('Looking up who is asking');
  });

  it('lose no word when the connection between them is cut', async () => {
    const stream = await (await chat('Cut me', 'cut')).end();
    expect(textIn(stream.text)).toBe(HELLO('Cut me'));
    expect(proxy.cuts).toBe(1);
  });

  it.each([
    ['mute', 'remote_incomplete', true],
    ['wrong-token', 'remote_rejected', false],
    ['wrong-secret', 'wrong_agent_secret', false],
  ])('end with an error when the service is %s', async (agent, code, retryable) => {
    const stream = await (await chat('Hello?', agent)).end();
    const error = eventsIn(stream.text).find(({ type }) => type === 'error');
    expect(error?.data).toMatchObject({ code, retryable });
  });

  it('go on when another process takes over from the service in the middle of an answer', async () => {
    const slow = await startService({ WORD_MS: '150' });
    gate.leadTo(slow);
    const stream = await chat('Restart');
    await until('some words have come', () => /event: chunk/.exec(stream.text)?.[0]);
    gate.leadTo(service);
    await slow.kill9();
    expect(textIn((await stream.end()).text)).toBe(HELLO('Restart'));
  });

  it('keep what came when the server is killed, and answer when they are asked again', async () => {
    const slow = await startService({ WORD_MS: '150' });
    gate.leadTo(slow);
    const stream = await chat('Killed');
    await until('some words have come', () => /event: chunk/.exec(stream.text)?.[0]);
    const before = stream.ids;
    await product.kill9();
    gate.leadTo(service);
    await product.restart();
    const rest = await RawStream.open(`${product.url}${runOf(stream).stream_url}`, {
      'last-event-id': before.at(-1) ?? '',
    });
    await rest.end();
    const events = await logOf(stream);
    expect([...before, ...rest.ids]).toEqual(events.map(({ id }) => id));
    expect(events.at(-2)).toMatchObject({ type: 'error', code: 'remote_incomplete', retryable: true });
    const again = await alice.post(`/api/messages/${runOf(stream).message_id}/retry`);
    expect(answerOf(await alice.ended(again.body as Created))).toContain('you said "Killed"');
  });
});
