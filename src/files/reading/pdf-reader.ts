import { Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { AppError } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';

/** Threads at a time; files beyond wait. */
const THREADS = 2;
/** For the thread to load what it needs, on a busy machine. */
const START_MAX_MS = 15_000;
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };
/** What is decompressed lies outside of a thread's heap: the process may grow by so much meanwhile. */
const GROWTH_MAX_BYTES = 400 * 1024 * 1024;
const LOOK_MS = 20;
const WORKER = fileURLToPath(new URL('./pdf-worker.js', import.meta.url));

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('fault'), locked: z.boolean() }),
]);
type Outcome = z.infer<typeof messageSchema> | { kind: 'stopped' };

const WHY = {
  locked: 'It is a PDF that asks for a password. Save a copy without one and upload that.',
  damaged: 'It is a PDF that is damaged or incomplete.',
  stopped:
    'It is a PDF that takes too much time or memory to read. Print it into a new one, or upload its text.',
};

/** Finds the text of PDFs, in threads that end when a file takes too much of them. */
@Injectable()
export class PdfReader {
  private readonly queue = new PQueue({ concurrency: THREADS });

  constructor(private readonly settings: Settings) {}

  /** Its text, page by page; empty if it has only images. @throws AppError 422 `unreadable_file`. */
  async text(bytes: Buffer): Promise<string> {
    const { FILE_READ_TIMEOUT_MS: ms, FILE_TEXT_MAX_CHARS: maxChars } = this.settings;
    const outcome = await this.queue.add(() => readInThread({ bytes, maxChars, ms }));
    if (outcome.kind === 'text') return outcome.text;
    if (outcome.kind === 'fault')
      throw new AppError('unreadable_file', { why: outcome.locked ? WHY.locked : WHY.damaged });
    throw new AppError('unreadable_file', { why: WHY.stopped });
  }
}

async function readInThread({
  bytes,
  maxChars,
  ms,
}: {
  bytes: Buffer;
  maxChars: number;
  ms: number;
}): Promise<Outcome> {
  const before = process.memoryUsage.rss();
  const worker = new Worker(WORKER, {
    workerData: { bytes: new Uint8Array(bytes), maxChars },
    resourceLimits: LIMITS,
    env: {},
    execArgv: [],
    stdout: true, // files write nothing into the log
    stderr: true,
  });
  const stop = (): void => void worker.terminate();
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() - before > GROWTH_MAX_BYTES) stop();
  }, LOOK_MS);
  let timer = setTimeout(stop, START_MAX_MS);
  let outcome: Outcome = { kind: 'stopped' };
  try {
    await new Promise<void>((ended) => {
      worker.on('message', (message: unknown) => {
        const part = messageSchema.parse(message);
        if (part.kind !== 'ready') outcome = part;
        clearTimeout(timer);
        timer = setTimeout(stop, ms);
      });
      worker.on('error', () => undefined); // out of stack or memory: 'exit' follows
      worker.on('exit', () => {
        ended();
      });
    });
    return outcome;
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
  }
}
