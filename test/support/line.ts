import { once } from 'node:events';
import net from 'node:net';

/** The network between two parts: forwards TCP, and can be cut while connections are open. */
export class Line {
  /** Connections cut so far. */
  cuts = 0;
  private readonly connections = new Set<net.Socket[]>();
  private blockedUntil = 0;
  private turn = 0;

  private constructor(
    private readonly server: net.Server,
    private readonly ports: readonly number[],
  ) {
    server.on('connection', (near: net.Socket) => {
      this.accept(near);
    });
  }

  /** @param ports of the far end on this machine; with several, connections go to each in turn, if it answers. */
  static async start(...ports: number[]): Promise<Line> {
    const line = new Line(net.createServer(), ports);
    await once(line.server.listen(0, '127.0.0.1'), 'listening');
    return line;
  }

  /** The near end. */
  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  /**
   * Cuts connections, whatever is in flight on them, and accepts no new ones for some time.
   * @param chosen says for each connection whether it is cut.
   */
  cut(chosen: () => boolean, blockMs: number): void {
    this.blockedUntil = performance.now() + blockMs;
    for (const sockets of [...this.connections].filter(() => chosen())) {
      this.cuts++;
      for (const socket of sockets) socket.resetAndDestroy();
    }
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const sockets of this.connections) for (const socket of sockets) socket.destroy();
    await closed;
  }

  private accept(near: net.Socket): void {
    near.on('error', () => undefined);
    near.setNoDelay(true);
    if (performance.now() < this.blockedUntil) near.resetAndDestroy();
    else this.forward(near, this.turn++, this.ports.length);
  }

  private forward(near: net.Socket, turn: number, tries: number): void {
    const port = this.ports[turn % this.ports.length];
    if (port === undefined || tries === 0 || near.destroyed) {
      near.destroy();
      return;
    }
    const far = net.connect(port, '127.0.0.1');
    far.setNoDelay(true);
    const tryNext = (): void => {
      this.forward(near, turn + 1, tries - 1);
    };
    far.once('error', tryNext);
    far.once('connect', () => {
      far.off('error', tryNext);
      this.connect(near, far);
    });
  }

  private connect(near: net.Socket, far: net.Socket): void {
    const sockets = [near, far];
    this.connections.add(sockets);
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.connections.delete(sockets);
        near.destroy();
        far.destroy();
      });
    }
    if (near.destroyed) far.destroy();
    near.pipe(far);
    far.pipe(near);
  }
}
