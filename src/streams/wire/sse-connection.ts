import type { ServerResponse } from 'node:http';

/** How a connection is kept alive. */
export interface SseUpkeep {
  /** What is sent after a silence. */
  heartbeat: string;
  /** Length of that silence, ms. */
  heartbeatMs: number;
  /** A client that reads nothing for this long, ms, is disconnected. */
  stallMs: number;
}

/** One subscriber's socket. Nothing is queued for it here: its writer waits until the client has read. */
export class SseConnection {
  private readonly silence: NodeJS.Timeout;
  private wake: (() => void) | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly upkeep: SseUpkeep,
  ) {
    this.silence = setTimeout(this.beat, upkeep.heartbeatMs);
    response.on('drain', this.drained);
  }

  /** Writes, then waits while the client is behind. A client that does not read for too long is disconnected. */
  async send(bytes: Buffer | string): Promise<void> {
    if (bytes.length === 0 || this.response.writableEnded || this.response.destroyed) return;
    this.silence.refresh();
    if (this.response.write(bytes)) return;
    const stalled = setTimeout(() => this.response.destroy(), this.upkeep.stallMs);
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    clearTimeout(stalled);
  }

  /** Stops the heartbeat and wakes a writer that waits. Ends nothing: the response belongs to its handler. */
  readonly close = (): void => {
    clearTimeout(this.silence);
    this.response.off('drain', this.drained);
    this.drained();
  };

  private readonly drained = (): void => {
    this.wake?.();
    this.wake = undefined;
  };

  private readonly beat = (): void => {
    if (this.response.writableEnded || this.response.destroyed) return;
    if (!this.response.writableNeedDrain) this.response.write(this.upkeep.heartbeat);
    this.silence.refresh();
  };
}
