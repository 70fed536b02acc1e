import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { Payload, type HeaderList } from './fault.js';

/** A request as sent. */
export interface WireRequest {
  method: string;
  path: string;
  headers: HeaderList;
  body: Payload | undefined;
}

/** A response as received. */
export interface WireAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

const PATIENCE_MS = 10_000;
const SILENCE_MS = 100;

/** Speaks HTTP without correcting anything, over keep-alive connections. */
export class Wire {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  private readonly port: number;

  constructor(url: string) {
    this.port = Number(new URL(url).port);
  }

  close(): void {
    this.agent.destroy();
  }

  async send({ method, path, headers, body }: WireRequest): Promise<WireAnswer> {
    const all: HeaderList = [['Host', `127.0.0.1:${this.port}`], ...headers];
    if (body?.chunked) all.push(['Transfer-Encoding', 'chunked']);
    else if (body) all.push(['Content-Length', String(body.bytes.length)]);
    const request = http.request({
      host: '127.0.0.1',
      port: this.port,
      agent: this.agent,
      method,
      path,
      headers: all.flat(),
      timeout: PATIENCE_MS,
    });
    request.on('timeout', () => request.destroy(new Error(`No answer within ${PATIENCE_MS} ms.`)));
    request.end(body?.bytes);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  /**
   * Sends bytes, whatever they are. Resolves with what came back when the server closes, or is silent for a while. A
   * `patient` client waits long for the first response; one that hangs up disconnects in the middle and receives
   * nothing.
   */
  async speak(bytes: Buffer | string, { patient = false, hangUp = false } = {}): Promise<WireAnswer[]> {
    const socket = net.connect(this.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      socket.setTimeout(SILENCE_MS);
    });
    socket.on('error', () => undefined); // a reset is one way to close
    socket.setTimeout(patient ? PATIENCE_MS : SILENCE_MS, () => socket.destroy());
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes, () => {
      if (hangUp) socket.destroy();
    });
    await closed;
    return hangUp ? [] : parseAnswers(Buffer.concat(chunks).toString('latin1'));
  }
}

/** Every response in what a connection received. */
function parseAnswers(stream: string): WireAnswer[] {
  const answers: WireAnswer[] = [];
  for (let rest = stream; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    if (end < 0 || Number.isNaN(status)) throw new Error(`This is no HTTP answer: ${rest.slice(0, 200)}`);
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const length = Number(headers['content-length'] ?? rest.length - end - 4);
    const text = Buffer.from(rest.slice(end + 4, end + 4 + length), 'latin1').toString();
    if (status !== 100) answers.push({ status, headers, text });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}
