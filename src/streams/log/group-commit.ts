import { Injectable } from '@nestjs/common';
import { Log } from '../../platform/logging/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import { Metrics } from '../../platform/telemetry/index.js';
import { CommitPace } from './commit-pace.js';
import { EventBus } from './event-bus.js';
import { EventLog, type LogEntry } from './event-log.js';

/** The log has continued without this writer: another one holds it, or it has ended. Permanent for the writer. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** The writer of one log. Once `fenced`, nothing more from it reaches the log. */
export interface Writer {
  fenced: boolean;
}

/** An event that is waiting for its commit, or has got it. */
export interface Append {
  readonly entry: LogEntry;
  /** Durable and published; rejects with {@link FencedError}. */
  readonly done: Promise<void>;
  /** True once its commit has started: its text can no longer grow. */
  taken: boolean;
}

interface Waiting extends Append {
  readonly writer: Writer;
  resolve(): void;
  reject(error: unknown): void;
}

const MAX_BATCH = 1000;
const MAX_MERGED_CHARS = 32_768;

/**
 * Group commit with natural batching: one write is in flight per process; what arrives meanwhile is the next batch.
 * While many logs are written, batches gather a little longer ({@link CommitPace}). Events are published only after their
 * write was acknowledged (durable before visible), in the order in which they were appended.
 */
@Injectable()
export class GroupCommit {
  private readonly logger = new Log(GroupCommit.name);
  private waiting: Waiting[] = [];
  private running = false;
  /** Whether something waits that does not wait for company. */
  private hurried = false;

  constructor(
    private readonly log: EventLog,
    private readonly bus: EventBus,
    private readonly pace: CommitPace,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Queues one event after all earlier ones.
   * @param mayWait a moment, so that it shares the commit of the next event.
   */
  append(entry: LogEntry, writer: Writer, mayWait = false): Append {
    const { promise, resolve, reject } = promiseWithResolvers();
    const item: Waiting = { entry, writer, done: promise, taken: false, resolve, reject };
    this.waiting.push(item);
    if (mayWait) void this.pace.patience().then(this.hurry);
    else this.hurry();
    return item;
  }

  /** Everything that waits goes with the next commit. */
  private readonly hurry = (): void => {
    this.hurried = this.waiting.length > 0;
    if (this.running || !this.hurried) return;
    this.running = true;
    setImmediate(() => void this.run());
  };

  private async run(): Promise<void> {
    while (this.hurried) {
      await this.pace.gather(() => this.waiting.length);
      const batch = this.take();
      this.pace.begins(batch.map((item) => item.entry.message_id));
      await this.commit(batch);
    }
    this.running = false;
  }

  private take(): Waiting[] {
    const batch = this.waiting.slice(0, MAX_BATCH);
    this.waiting = this.waiting.slice(MAX_BATCH);
    this.hurried = this.waiting.length > 0;
    for (const item of batch) item.taken = true;
    return batch.filter((item) => !item.writer.fenced || refuse(item));
  }

  private async commit(batch: Waiting[]): Promise<void> {
    const begun = performance.now();
    try {
      const refused = new Set(await retryTransient(() => this.log.append(batch.map((item) => item.entry))));
      this.metrics.commits.committed(batch.length, (performance.now() - begun) / 1000);
      const committed = batch.filter((item) => !refused.has(item.entry) || refuse(item));
      this.bus.publish(committed.map((item) => item.entry));
      for (const item of committed) item.resolve();
    } catch (error) {
      await this.commitApart(batch, error);
    }
  }

  /** A write that can never succeed fails alone, not together with the others in its batch. */
  private async commitApart(batch: Waiting[], error: unknown): Promise<void> {
    const logs = new Set(batch.map((item) => item.entry.message_id));
    if (logs.size > 1) {
      for (const log of logs) await this.commit(batch.filter((item) => item.entry.message_id === log));
      return;
    }
    const messages = [...new Set(batch.map((item) => item.entry.message_id))];
    this.logger.error('events could not be written', { err: error, message_id: messages[0] });
    for (const item of batch) {
      item.writer.fenced = true;
      item.reject(error);
    }
  }
}

/**
 * Allows a chunk of text to grow while it waits for its commit: under load, fewer and larger events.
 * @param parent the call whose agent writes; none for the answer.
 */
export function mergeContent(append: Append, md: string, parent?: string): boolean {
  const { event } = append.entry;
  if (append.taken || (event.type !== 'content' && event.type !== 'child_content')) return false;
  const writer = event.type === 'content' ? undefined : event.parent_call_id;
  if (writer !== parent || event.md.length + md.length > MAX_MERGED_CHARS) return false;
  event.md += md;
  return true;
}

function refuse(item: Waiting): false {
  item.writer.fenced = true;
  item.reject(new FencedError(`The log of ${item.entry.message_id} has another writer.`));
  return false;
}

function promiseWithResolvers(): {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
} {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined); // streaming callers need not wait for each chunk
  return { promise, resolve, reject };
}
