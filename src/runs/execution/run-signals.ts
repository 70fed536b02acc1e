import type { RedisPubSub } from '../../platform/redis/index.js';

/** Called when a run must stop. */
export type StopListener = (messageId: string) => void;

/** Tells the worker of a run that it must stop. The request itself is stored: a lost signal only delays it. */
export abstract class RunSignals {
  private readonly listeners: StopListener[] = [];

  /** Reaches every process. */
  abstract stop(messageId: string): void;

  onStop(listener: StopListener): void {
    this.listeners.push(listener);
  }

  protected notify(messageId: string): void {
    for (const listener of this.listeners) listener(messageId);
  }
}

/** The signals within a single process. */
export class LocalRunSignals extends RunSignals {
  override stop(messageId: string): void {
    this.notify(messageId);
  }
}

const CHANNEL = 'runs:stop';

/** The signals between several processes. */
export class RedisRunSignals extends RunSignals {
  constructor(private readonly redis: RedisPubSub) {
    super();
    const listener = (messageId: string): void => {
      this.notify(messageId);
    };
    redis.subscribe(CHANNEL, listener).catch(() => undefined); // the client repeats it with every connection
  }

  override stop(messageId: string): void {
    this.notify(messageId);
    this.redis.publish(CHANNEL, messageId);
  }
}
