import { Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { ToolError } from '../../tools/index.js';

/** The readable part of a page. */
export interface ReadableText {
  title: string;
  description: string;
  /** Markdown of the article, or the plain text of the whole page if there is none. */
  content: string;
}

/** Threads at a time; pages beyond wait. */
const THREADS = 2;
/** For the thread to load what it needs, on a busy machine. */
const START_MAX_MS = 15_000;
/** Most pages need a tenth of a second. */
const READ_MAX_MS = 3000;
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };
const WORKER = fileURLToPath(new URL('./page-worker.js', import.meta.url));
/** An article that is so much shorter than the text has lost something. */
const LEAST_PART = 0.1;
const LEAST_CHARS = 500;

const textSchema = z.object({
  kind: z.literal('text'),
  title: z.string(),
  description: z.string(),
  text: z.string(),
});
const articleSchema = z.object({
  kind: z.literal('article'),
  title: z.string(),
  description: z.string(),
  markdown: z.string(),
});
const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  textSchema,
  articleSchema,
]);
type Found = Partial<{ text: z.output<typeof textSchema>; article: z.output<typeof articleSchema> }>;

/** Finds the text of HTML pages, in threads that end when a page takes too much of them. */
@Injectable()
export class HtmlReader {
  private readonly queue = new PQueue({ concurrency: THREADS });

  /** @throws ToolError `unreadable_page` if not even the text could be found; the signal's reason. */
  async read(html: string, url: URL, signal: AbortSignal): Promise<ReadableText> {
    const found = await this.queue.add(() => readInThread(html, url, signal), { signal });
    signal.throwIfAborted();
    const { text, article } = found;
    if (!text) throw new ToolError('The page is built in a way that cannot be read.', 'unreadable_page');
    const content = article && isWhole(article.markdown, text.text) ? article.markdown : text.text;
    return {
      title: text.title || (article?.title ?? ''),
      description: text.description || (article?.description ?? ''),
      content: content.trim(),
    };
  }
}

function isWhole(markdown: string, text: string): boolean {
  const least = Math.min(LEAST_CHARS, text.length * LEAST_PART);
  return markdown.trim() !== '' && markdown.length >= least;
}

/** Resolves with what was found by the time that the thread ended, whatever ended it. */
async function readInThread(html: string, url: URL, signal: AbortSignal): Promise<Found> {
  const worker = new Worker(WORKER, {
    workerData: { html, url: url.href },
    resourceLimits: LIMITS,
    env: {},
    execArgv: [],
    stdout: true, // pages write nothing into the log
    stderr: true,
  });
  const found: Found = {};
  const stop = (): void => void worker.terminate();
  let timer = setTimeout(stop, START_MAX_MS);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((ended) => {
      worker.on('message', (message: unknown) => {
        const part = messageSchema.parse(message);
        if (part.kind === 'text') found.text = part;
        else if (part.kind === 'article') found.article = part;
        else {
          clearTimeout(timer);
          timer = setTimeout(stop, READ_MAX_MS);
        }
      });
      worker.on('error', () => undefined); // out of stack or memory: 'exit' follows
      worker.on('exit', ended);
    });
    return found;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
