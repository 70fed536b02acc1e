import type { ServerResponse } from 'node:http';
import type { EventEmitter } from 'node:events';
import type { Waiter } from '../live/live-log.js';
import { Chunk } from '../dialects/chunk.js';

/** How often a connection is checked within the time after which a silent one gets a heartbeat. */
export const LOOKS_PER_HEARTBEAT = 4;

/** A client that has to read before it gets more. */
interface Backlog {
  readonly source: EventEmitter;
  readonly onDrain: () => void;
  readonly limit: NodeJS.Timeout;
}

/** One subscriber's socket. Nothing is queued for it here: its writer waits until the client has read. */
export class SseConnection {
  /** The client read nothing for too long. */
  hasStalled = false;
  private silentLooks = 0;
  private backlog: Backlog | undefined;

  /**
   * @param stallMs a client that reads nothing for this long, ms, is disconnected.
   * @param writer woken when the client has read and more can be sent.
   */
  constructor(
    private readonly response: ServerResponse,
    private readonly stallMs: number,
    private readonly writer: Waiter,
  ) {}

  /** Whether the client has to read before more is sent. */
  get isBehind(): boolean {
    return this.backlog !== undefined;
  }

  /** Writes. The client may be behind afterwards. */
  send(what: Chunk | string): void {
    if (this.isGone) return;
    const chunk = typeof what === 'string' ? new Chunk(what) : what;
    if (chunk.bytes.length === 0) return;
    this.silentLooks = 0;
    if (!this.put(chunk)) this.wait();
  }

  /**
   * Call it `LOOKS_PER_HEARTBEAT` times in the longest silence announced to a client: one clock serves all
   * connections.
   */
  look(heartbeat: string): void {
    if (++this.silentLooks < LOOKS_PER_HEARTBEAT) return;
    this.silentLooks = 0;
    if (!this.isBehind) this.send(heartbeat);
  }

  /** Completes the response. */
  end(): void {
    this.close();
    this.response.end();
  }

  /** Drops the connection, so that the client sees that something is missing. */
  cut(): void {
    this.close();
    this.response.destroy();
  }

  /** Forgets the client. Does not end the response. */
  close(): void {
    if (!this.backlog) return;
    const { source, onDrain, limit } = this.backlog;
    this.backlog = undefined;
    source.off('drain', onDrain);
    clearTimeout(limit);
  }

  private get isGone(): boolean {
    return this.response.writableEnded || this.response.destroyed;
  }

  /**
   * Bypasses the response, which would frame the bytes again, unless it waits for an earlier response on its
   * connection.
   */
  private put(chunk: Chunk): boolean {
    const { socket, chunkedEncoding } = this.response;
    if (!socket) return this.response.write(chunk.bytes);
    return socket.write(chunkedEncoding ? chunk.framed : chunk.bytes);
  }

  private wait(): void {
    if (this.backlog) return;
    const source = this.response.socket ?? this.response;
    const onDrain = (): void => {
      this.close();
      this.writer.wake();
    };
    const limit = setTimeout(() => {
      this.hasStalled = true;
      this.response.destroy();
    }, this.stallMs);
    source.once('drain', onDrain);
    this.backlog = { source, onDrain, limit };
  }
}
