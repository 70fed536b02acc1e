import type { Socket } from 'node:net';

/**
 * Callbacks for closing connections. Each connection has one listener, however many responses its client has requested
 * on it: Node warns about an emitter with more than ten.
 */
export class ClosingConnections {
  private readonly waiting = new WeakMap<Socket, Set<() => void>>();

  /** Calls back once when the connection closes, unless forgotten before. */
  onClose(socket: Socket, callback: () => void): void {
    const others = this.waiting.get(socket);
    if (others) {
      others.add(callback);
      return;
    }
    const callbacks = new Set([callback]);
    this.waiting.set(socket, callbacks);
    socket.once('close', () => {
      for (const call of callbacks) call();
    });
  }

  /** Cancels the callback. */
  forget(socket: Socket, callback: () => void): void {
    this.waiting.get(socket)?.delete(callback);
  }
}
