import { parseArgs } from 'node:util';

import { messageOf } from './errors.js';
import { startEmbeddedMongo } from './start.js';

const USAGE = `Usage: embedded-mongo --dir <directory> [--linger <ms>] [--ttl-sweep <ms>]

Runs MongoDB's engine on a directory, or joins the one running there, prints its URI and keeps it running until Ctrl-C.

  --dir <directory>   where the data lives; created if missing
  --linger <ms>       how long the engine outlives a last user that was killed (default 1000)
  --ttl-sweep <ms>    how often expired documents are deleted (default 60000)
  --help              print this help
`;

/** The command line: returns the process's exit code once it has been asked to stop. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parse(args);
    if (options === 'help') {
      process.stdout.write(USAGE);
      return 0;
    }
    return await serve(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

class UsageError extends Error {}

interface CliOptions {
  directory: string;
  lingerMs?: number;
  ttlSweepMs?: number;
}

function parse(args: readonly string[]): CliOptions | 'help' {
  const values = parseValues(args);
  if (values.help) return 'help';
  if (!values.dir) throw new UsageError('--dir is missing');
  const { linger, 'ttl-sweep': ttlSweep } = values;
  return {
    directory: values.dir,
    ...(linger !== undefined && { lingerMs: milliseconds('--linger', linger) }),
    ...(ttlSweep !== undefined && { ttlSweepMs: milliseconds('--ttl-sweep', ttlSweep) }),
  };
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        dir: { type: 'string' },
        linger: { type: 'string' },
        'ttl-sweep': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

function milliseconds(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`${name} takes a number of milliseconds, not "${text}"`);
  return Number(text);
}

async function serve(options: CliOptions): Promise<number> {
  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => (end = resolve));
  // Before the start, so that a Ctrl-C during it is not lost.
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      end(0);
    });
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  try {
    const engine = await startEmbeddedMongo({
      ...options,
      onRestart: ({ pid }) =>
        process.stderr.write(`the engine had ended and was started again (process ${pid})\n`),
      onError: (error) => {
        process.stderr.write(`${error.message}\n`);
        end(1);
      },
    });
    process.stdout.write(`${engine.uri}\n`);
    const code = await ended;
    await engine.stop();
    return code;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  } finally {
    clearInterval(keepAlive);
  }
}
