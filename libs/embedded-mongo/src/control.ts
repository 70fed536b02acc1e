// Through the control socket a host knows who uses it. A connection is one user's hold on the engine: the kernel
// closes it when the user dies, however it dies, so no heartbeats are needed. The host greets with one JSON line; the
// only thing a user ever sends is that it releases its hold.
import { rm } from 'node:fs/promises';
import net from 'node:net';

const RELEASE = 'release\n';

/** A user's hold on a running engine: the engine does not stop while this is open. */
export interface Hold {
  /** The engine's process id. */
  readonly pid: number;
  /** Settles when the engine has stopped or the hold was released. */
  readonly closed: Promise<void>;
  /** Releases the hold. For the last user this settles when the engine's process has exited. */
  release(): Promise<void>;
}

/** Acquires the engine that listens on this socket; `undefined` if none does, or it is stopping. */
export async function attach(controlSocket: string, timeoutMs: number): Promise<Hold | undefined> {
  const socket = net.createConnection(controlSocket);
  socket.on('error', () => undefined); // 'close' follows, and tells enough
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
  const greeting = new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.setTimeout(timeoutMs, () => socket.destroy());
  const first = await Promise.race([greeting, closed]);
  if (first === undefined) return undefined;
  socket.setTimeout(0);
  socket.unref(); // a user with nothing else to do may exit
  const { pid } = JSON.parse(first.toString()) as { pid: number };
  const release = () => {
    socket.ref();
    if (!socket.destroyed) socket.write(RELEASE);
    return closed;
  };
  return { pid, closed, release };
}

/** The host's side: counts its users and reports when none is left. */
export class UserRegistry {
  readonly #users = new Set<net.Socket>();
  readonly #server = net.createServer((socket) => {
    this.#add(socket);
  });
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param lingerMs how long the engine outlives a last user that vanished without releasing it
   * @param onUnused called when the last user has released it, or has been gone for that long
   */
  constructor(
    private readonly lingerMs: number,
    private readonly onUnused: () => void,
  ) {}

  /** @param graceMs how long to wait for the first user */
  async listen(controlSocket: string, graceMs: number): Promise<void> {
    await listenOn(this.#server, controlSocket);
    this.#timer = setTimeout(this.onUnused, graceMs);
  }

  /** Accepts no more users and removes the socket's path. Existing users stay connected until the process exits. */
  stopListening(): void {
    clearTimeout(this.#timer);
    this.#server.close();
  }

  #add(user: net.Socket): void {
    clearTimeout(this.#timer);
    this.#users.add(user);
    user.on('error', () => undefined);
    user.on('data', () => {
      this.#release(user);
    });
    user.once('close', () => {
      if (this.#users.delete(user) && this.#users.size === 0) {
        this.#timer = setTimeout(this.onUnused, this.lingerMs);
      }
    });
    user.write(`${JSON.stringify({ pid: process.pid })}\n`);
  }

  #release(user: net.Socket): void {
    this.#users.delete(user);
    if (this.#users.size > 0) user.end();
    else this.onUnused(); // the connection stays open until this process exits: that is what the user waits for
  }
}

/** Listens on a Unix socket. The caller holds the engine's lock, so an existing path belongs to a dead host. */
export async function listenOn(server: net.Server, socketPath: string): Promise<void> {
  await rm(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(socketPath, resolve);
  });
}
