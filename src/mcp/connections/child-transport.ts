import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Readable } from 'node:stream';
import { withTimeout } from '../../common/index.js';
import type { StdioServer } from '../servers-schema.js';
import type { ChildLog } from './child-log.js';

/** The SDK's own limit; a message above it ends the connection. */
const MESSAGE_BYTES = 10 * 1024 * 1024;
const [TERM_MS, KILL_MS] = [700, 2000];

/** Standard input and output of a child process that gets only the environment it is given. */
export class ChildTransport extends StdioClientTransport {
  private ending: Promise<void> | undefined;

  constructor({ command, args, env, cwd, max_result_bytes }: StdioServer, log: ChildLog) {
    super({
      command,
      args,
      env,
      ...(cwd !== undefined && { cwd }),
      stderr: 'pipe',
      maxBufferSize: Math.max(MESSAGE_BYTES, max_result_bytes),
    });
    if (this.stderr) log.follow(this.stderr as Readable);
  }

  /** Closes its input, then asks it to end, then kills it: 2 s at most. */
  override close(): Promise<void> {
    return (this.ending ??= this.end());
  }

  private async end(): Promise<void> {
    const { pid } = this;
    const closed = super.close();
    if (pid === null) return closed;
    const timers = [setTimeout(signal, TERM_MS, pid, 'SIGTERM'), setTimeout(signal, KILL_MS, pid, 'SIGKILL')];
    await withTimeout(closed, KILL_MS + 200);
    for (const timer of timers) clearTimeout(timer);
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended
  }
}
