import type { Permission } from '../../common/index.js';
import type { OpenStream } from './open-stream.js';

/**
 * Streams whose reader's permission can end before the log does. They end as when a server shuts down: the client
 * reconnects by itself, and is then told that it needs a new permission.
 */
export class LimitedStreams {
  private readonly streams = new Map<OpenStream, Permission>();

  add(stream: OpenStream, permission: Permission): void {
    this.streams.set(stream, permission);
  }

  delete(stream: OpenStream): void {
    this.streams.delete(stream);
  }

  /** Ends those whose time is over. @param hint sent to them last */
  check(now: number, hint: string): void {
    for (const [stream, permission] of this.streams) {
      if (permission.until !== undefined && now >= permission.until) stream.interrupt(hint);
      else if (permission.isWithdrawn) void endIfWithdrawn(stream, permission.isWithdrawn(), hint);
    }
  }
}

async function endIfWithdrawn(
  stream: OpenStream,
  isWithdrawn: Promise<boolean>,
  hint: string,
): Promise<void> {
  try {
    if (await isWithdrawn) stream.interrupt(hint);
  } catch {
    // The database does not answer. It is asked again at the next check.
  }
}
