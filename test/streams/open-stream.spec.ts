import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cursor, Found } from '../../src/streams/live/cursor.js';
import { COMMENT_HEARTBEAT, eachEvent, type Dialect } from '../../src/streams/dialects/dialect.js';
import { Frame } from '../../src/streams/dialects/frame.js';
import { OpenStream } from '../../src/streams/wire/open-stream.js';
import { Span } from '../../src/streams/wire/span.js';
import { RawStream } from '../support/raw-stream.js';
import { END, entry, newMessageId, text } from './setup.js';

/** A log whose database answers when the test says so. */
class SlowLog implements Pick<Cursor, 'atHand' | 'lookUp' | 'pass' | 'close'> {
  closed = 0;
  private resolve: ((found: Found) => void) | undefined;
  private reject: ((error: Error) => void) | undefined;

  atHand(): undefined {
    return undefined;
  }

  lookUp(): Promise<Found | undefined> {
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  pass(): void {
    return;
  }

  close(): void {
    this.closed++;
  }

  find(...frames: Frame[]): void {
    this.resolve?.(new Span(frames));
  }

  fail(): void {
    this.reject?.(new Error('the database is away'));
  }
}

const MESSAGE = newMessageId();
const frame = (seq: number, body: Parameters<typeof entry>[2]): Frame =>
  new Frame(entry(MESSAGE, seq, body).event);
const dialect: Dialect<null> = eachEvent('test', ({ id }) => `id: ${id}\n\n`);
const BEGINNING = { state: null, preamble: '' };

describe('an open stream whose log is slow', () => {
  let server: Server;
  let response: ServerResponse;
  let client: RawStream;
  let faults: unknown[];
  let stream: OpenStream;
  let log: SlowLog;
  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const requested = once(server, 'request') as Promise<[unknown, ServerResponse]>;
    const opened = RawStream.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    [, response] = await requested;
    response.writeHead(200).flushHeaders();
    client = await opened;
    faults = [];
    log = new SlowLog();
    stream = new OpenStream({ response, dialect, stallMs: 60_000, onFault: (error) => faults.push(error) });
    response.on('close', () => {
      stream.leave();
    });
    stream.begin({ open: () => log }, BEGINNING);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('writes what is found, and ends with the log', async () => {
    log.find(frame(0, text('æøå')), frame(1, END));
    await client.end();
    expect(client.ids).toHaveLength(2);
    expect(client.isComplete).toBe(true);
    expect(log.closed).toBe(1);
  });

  it('ends at once when it is interrupted, and what is found later is not sent', async () => {
    stream.interrupt('retry: 1234\n\n');
    await client.end();
    log.find(frame(0, text('late')));
    await new Promise(setImmediate);
    expect(client.text).toBe('retry: 1234\n\n');
    expect(client.isComplete).toBe(true);
    expect(log.closed).toBe(1);
  });

  it('cuts its client off when the log cannot be read, and reports it once', async () => {
    log.fail();
    await client.end();
    expect(client.isComplete).toBe(false);
    expect(faults).toEqual([new Error('the database is away')]);
    expect(log.closed).toBe(1);
  });

  it('reports nothing when the client has gone before the log could not be read', async () => {
    const closed = once(response, 'close');
    client.hangUp();
    await closed;
    log.fail();
    await new Promise(setImmediate);
    expect(faults).toEqual([]);
    expect(log.closed).toBe(1);
  });

  it('sends a heartbeat after four looks without a word, also while the log is read', async () => {
    for (let looks = 0; looks < 8; looks++) stream.look();
    log.find(frame(0, END));
    await client.end();
    expect(client.text.split(COMMENT_HEARTBEAT)).toHaveLength(3);
  });
});
