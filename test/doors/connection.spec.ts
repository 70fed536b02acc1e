import { once } from 'node:events';
import net from 'node:net';
import type { IncomingMessage } from 'node:http';
import type { Express } from 'express';
import { playRichRun, setStage, type Stage } from '../conformance/setup.js';
import type { Created } from '../support/client.js';
import { until, within } from '../support/until.js';

/** A connection of which every byte is seen. */
class RawConnection {
  received = Buffer.alloc(0);

  private constructor(
    private readonly socket: net.Socket,
    private readonly host: string,
  ) {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      this.received = Buffer.concat([this.received, bytes]);
    });
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port, host } = new URL(url);
    const socket = net.connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawConnection(socket, host);
  }

  /** Asks for several things in one packet. */
  ask(paths: string[], version = '1.1'): void {
    this.socket.write(
      paths.map((path) => `GET ${path} HTTP/${version}\r\nHost: ${this.host}\r\n\r\n`).join(''),
    );
  }

  async shows(text: string): Promise<void> {
    await until(`${JSON.stringify(text)} came`, () => this.received.includes(text) || undefined);
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await within('the server closes', once(this.socket, 'close'));
  }

  hangUp(): void {
    this.socket.destroy();
  }
}

interface Part {
  head: string;
  body: Buffer;
}

/** The first answer in some bytes, strictly by RFC 9112, and what is behind it; undefined while it is not whole. */
function cutAnswer(bytes: Buffer): { answer: Part; rest: Buffer } | undefined {
  const bodyAt = bytes.indexOf('\r\n\r\n') + 4;
  if (bodyAt < 4) return undefined;
  const head = bytes.subarray(0, bodyAt).toString('latin1');
  const length = /^content-length: (\d+)\r$/im.exec(head)?.[1];
  if (length !== undefined) {
    const end = bodyAt + Number(length);
    return { answer: { head, body: bytes.subarray(bodyAt, end) }, rest: bytes.subarray(end) };
  }
  const parts: Buffer[] = [];
  for (let at = bodyAt; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const line = bytes.subarray(at, lineEnd).toString('latin1');
    if (!/^[0-9a-f]+$/.test(line)) throw new Error(`Not the size of a chunk: ${JSON.stringify(line)}`);
    const dataEnd = lineEnd + 2 + parseInt(line, 16);
    if (bytes.length < dataEnd + 2) return undefined;
    if (bytes.subarray(dataEnd, dataEnd + 2).toString() !== '\r\n')
      throw new Error('A chunk is longer than it says.');
    parts.push(bytes.subarray(lineEnd + 2, dataEnd));
    at = dataEnd + 2;
    if (line === '0') return { answer: { head, body: Buffer.concat(parts) }, rest: bytes.subarray(at) };
  }
}

function answersIn(bytes: Buffer): Part[] {
  const cut = cutAnswer(bytes);
  return cut ? [cut.answer, ...answersIn(cut.rest)] : [];
}

const idsIn = (text: string): string[] => [...text.matchAll(/^id: (\S+)$/gm)].map((match) => match[1] ?? '');

describe('the connection of a stream', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ STREAM_HEARTBEAT_MS: '60' });
  });
  afterAll(() => stage.close());

  const begin = async (question: string): Promise<Created> =>
    stage.client.send(await stage.client.newChat(), question);
  const idsOf = async (run: Created): Promise<string[]> =>
    (await stage.client.replay(run.message_id)).map((event) => event.id);

  it('carries well-framed chunks, heartbeats among them, and the next answer behind them', async () => {
    const run = await begin('frames');
    const line = await RawConnection.open(stage.app.url);
    line.ask([run.stream_url]);
    await line.shows(': heartbeat\n\n');
    await playRichRun(stage.model, 'frames');
    await until('the stream is whole', () => answersIn(line.received).length === 1 || undefined);
    line.ask(['/health/live']);
    await until('the next answer is whole', () => answersIn(line.received).length === 2 || undefined);
    const [stream, health] = answersIn(line.received);
    expect(idsIn(String(stream?.body))).toEqual(await idsOf(run));
    expect(health?.head).toMatch(/^HTTP\/1\.1 200 /);
    line.hangUp();
  });

  it.each(['v1', 'ai-sdk'])(
    'answers requests sent in one packet in their order, dialect %s',
    async (dialect) => {
      const [first, second] = [await begin(`first ${dialect}`), await begin(`second ${dialect}`)];
      const line = await RawConnection.open(stage.app.url);
      const query = `?dialect=${dialect}`;
      line.ask([first.stream_url + query, second.stream_url + query, '/health/live']);
      await line.shows('retry: ');
      // The second stream is complete while the first one still holds the connection.
      await playRichRun(stage.model, `second ${dialect}`);
      await stage.client.ended(second);
      await playRichRun(stage.model, `first ${dialect}`);
      await until('all answers are whole', () => answersIn(line.received).length === 3 || undefined);
      const bodies = answersIn(line.received).map(({ body }) => String(body));
      expect(idsIn(bodies[0] ?? '')).toEqual(await idsOf(first));
      expect(idsIn(bodies[1] ?? '')).toEqual(await idsOf(second));
      expect(JSON.parse(bodies[2] ?? '')).toBeTruthy();
      line.hangUp();
    },
  );

  it('ends a body of HTTP/1.0 by closing, without chunks', async () => {
    const run = await begin('old');
    const line = await RawConnection.open(stage.app.url);
    line.ask([run.stream_url], '1.0');
    await line.shows(': heartbeat\n\n');
    await playRichRun(stage.model, 'old');
    await line.closed();
    const body = line.received.subarray(line.received.indexOf('\r\n\r\n') + 4).toString();
    expect(
      body
        .split('\n\n')
        .filter(
          (frame) => !/^(\n?retry: \d+|: heartbeat|event: [^\n]*\nid: [^\n]*\ndata: [^\n]*|)$/.test(frame),
        ),
    ).toEqual([]);
    expect(idsIn(body)).toEqual(await idsOf(run));
  });

  it('frees its place when the client hangs up, also behind another stream of the connection', async () => {
    const STREAMS = 12;
    const run = await begin('left');
    const connected = once(stage.app.nest.getHttpServer(), 'connection') as Promise<[net.Socket]>;
    const line = await RawConnection.open(stage.app.url);
    const [socket] = await connected;
    const listeners = socket.listenerCount('close');
    line.ask(Array.from({ length: STREAMS }, () => run.stream_url));
    await line.shows('"type":"start"');
    const active = (): Promise<number> => stage.client.metric('reprise_active_streams');
    await until('all are open', async () => (await active()) === STREAMS);
    expect(socket.listenerCount('close') - listeners).toBeLessThan(5);
    line.hangUp();
    await until('all are gone', async () => (await active()) === 0);
    await playRichRun(stage.model, 'left');
  });

  it('gives every request the classes of Express from the start, so that they share their hidden classes', async () => {
    const express: Express = stage.app.nest.getHttpAdapter().getInstance();
    const server = stage.app.nest.getHttpServer();
    const seen: unknown[] = [];
    const note = (request: IncomingMessage, response: unknown): void => {
      seen.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
    };
    server.prependListener('request', note);
    await stage.client.get('/health/live');
    server.off('request', note);
    expect(seen[0]).toBe(express.request);
    expect(seen[1]).toBe(express.response);
  });
});
