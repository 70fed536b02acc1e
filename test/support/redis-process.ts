import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';
import { freePort } from './server-process.js';
import { tool } from './tools.js';
import { within } from './until.js';

/** A real Redis that stores nothing on disk: it forgets everything when it is killed. */
export class RedisProcess {
  private child: ChildProcess | undefined;

  private constructor(readonly port: number) {}

  /** @throws Error that says how to get it when this machine has no `redis-server`. */
  static async start(): Promise<RedisProcess> {
    const redis = new RedisProcess(await freePort());
    await redis.restart();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts or restarts it on the same port; resolves when it listens. */
  async restart(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn(tool('redis-server'), options, {
      cwd: os.tmpdir(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.child = child;
    const ready = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        if (chunk.includes('Ready to accept')) resolve();
      });
    });
    await within('Redis listens', ready);
  }

  /** `kill -9`; resolves when it is gone. */
  async kill9(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  }

  /** Freezes it, like a machine that hangs: connections stay open, nothing is answered. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** FLUSHALL: it forgets everything, and nobody is told. */
  flush(): Promise<void> {
    return this.command('FLUSHALL');
  }

  /** Sends a command whose answer is `OK`. */
  async command(line: string): Promise<void> {
    const socket = net.connect(this.port, '127.0.0.1');
    socket.write(`${line}\r\n`);
    const [answer] = (await within('Redis answers', once(socket, 'data'))) as [Buffer];
    socket.destroy();
    if (!answer.toString().startsWith('+OK')) throw new Error(answer.toString());
  }
}
