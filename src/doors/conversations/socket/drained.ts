import type { Socket } from 'socket.io';

/** Packets that may wait for a client before nothing more is written to it. */
const MOST_WAITING = 64;

/**
 * Resolves when a client has taken what waits for it; nothing if that is little. A client that takes nothing for too
 * long is disconnected.
 */
export function drained(socket: Socket, stallMs: number): Promise<void> | undefined {
  const { conn } = socket;
  const waiting = () => (conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
  if (waiting() < MOST_WAITING) return undefined;
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(limit);
      conn.off('drain', look);
      conn.off('close', end);
      resolve();
    };
    const look = (): void => {
      if (waiting() === 0) end();
    };
    const limit = setTimeout(() => {
      conn.close(true);
      end();
    }, stallMs);
    conn.on('drain', look);
    conn.once('close', end);
  });
}
