import type { Queue } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import type { RedisPubSub } from '../platform/redis/index.js';
import { Log } from '../platform/logging/index.js';
import { RunDispatcher } from './run-dispatcher.js';

/** Name of the queue. A job says: look at this chat. */
export const RUNS_QUEUE = 'runs';

/** Longest wait for Redis to take a job. A Redis that hangs must not hold up whoever posts a message. */
const PATIENCE_MS = 1000;

/** What a job carries. */
export interface ChatJob {
  chat_id: string;
}

const JOB = {
  removeOnComplete: true,
  removeOnFail: 1000,
  attempts: 5,
  backoff: { type: 'exponential', delay: 500 },
} as const;

/**
 * The queue of many processes. The run is stored before it is dispatched, so while Redis is away nothing is lost:
 * workers look into the database for runs that wait (docs/decisions/006).
 */
export class BullDispatcher extends RunDispatcher {
  private readonly logger = new Log(BullDispatcher.name);

  constructor(
    private readonly queue: Queue<ChatJob>,
    private readonly redis: RedisPubSub,
  ) {
    super();
    queue.on('error', (error) => {
      this.logger.debug(`run queue: ${error.message}`);
    });
  }

  override async dispatch(chatId: string): Promise<void> {
    if (!this.redis.connected) return;
    const added = this.queue.add('chat', { chat_id: chatId }, JOB).catch((error: unknown) => {
      this.logger.warn('the run queue is away; workers find the run in the database', { err: error });
    });
    const timeUp = new AbortController();
    await Promise.race([added, delay(PATIENCE_MS, undefined, timeUp).catch(() => undefined)]);
    timeUp.abort();
  }
}
