import type { ServerResponse } from 'node:http';

/** How a connection is kept. Milliseconds. */
export interface SseTimes {
  /** Silence before a comment is sent. */
  heartbeat: number;
  /** A client that reads nothing for this long is let go. */
  stall: number;
}

const HEARTBEAT = ': heartbeat\n\n';

/** One subscriber's socket. Nothing is queued for it here: whoever writes waits until the client has read. */
export class SseConnection {
  private readonly heartbeat: NodeJS.Timeout;
  private wake: (() => void) | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly times: SseTimes,
  ) {
    this.heartbeat = setTimeout(this.beat, times.heartbeat);
    response.on('drain', this.drained);
  }

  /** Writes, then waits while the client is behind. A client that does not read for too long is disconnected. */
  async send(bytes: Buffer | string): Promise<void> {
    if (this.response.writableEnded || this.response.destroyed) return;
    this.heartbeat.refresh();
    if (this.response.write(bytes)) return;
    const stalled = setTimeout(() => this.response.destroy(), this.times.stall);
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    clearTimeout(stalled);
  }

  /** Stops the heartbeat and whoever waits. Ends nothing: the response belongs to its handler. */
  readonly close = (): void => {
    clearTimeout(this.heartbeat);
    this.response.off('drain', this.drained);
    this.drained();
  };

  private readonly drained = (): void => {
    this.wake?.();
    this.wake = undefined;
  };

  private readonly beat = (): void => {
    if (this.response.writableEnded || this.response.destroyed) return;
    if (!this.response.writableNeedDrain) this.response.write(HEARTBEAT);
    this.heartbeat.refresh();
  };
}
