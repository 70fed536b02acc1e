import { once } from 'node:events';
import net from 'node:net';

/** A bad connection: forwards TCP and cuts each connection after the given number of response bytes. */
export class CuttingProxy {
  /** Connections cut so far. */
  cuts = 0;
  /** Cut when the last byte passed did not end a frame, a comment or the headers. */
  cutsInside = 0;

  private readonly sockets = new Set<net.Socket>();

  private constructor(
    private readonly server: net.Server,
    private readonly target: URL,
    private readonly budget: () => number,
  ) {
    server.on('connection', (client: net.Socket) => {
      this.forward(client);
    });
  }

  /** @param budget bytes of the response that the next connection lets through; Infinity for all. */
  static async start(target: string, budget: () => number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(net.createServer(), new URL(target), budget);
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as net.AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private forward(client: net.Socket): void {
    const upstream = net.connect(Number(this.target.port), this.target.hostname);
    let left = this.budget();
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('end', () => client.end());
    upstream.on('data', (chunk: Buffer) => {
      if (chunk.length < left) {
        left -= chunk.length;
        client.write(chunk);
        return;
      }
      this.cuts++;
      const last = chunk.subarray(0, left);
      if (!last.subarray(-2).equals(Buffer.from('\n\n'))) this.cutsInside++;
      upstream.removeAllListeners('data');
      upstream.destroy();
      client.end(last); // what was let through arrives; then the connection is dead
    });
  }
}

/** Random numbers that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
