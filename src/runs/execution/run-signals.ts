import type { RedisPubSub } from '../../platform/redis/index.js';

/** Hears that a run shall stop. */
export type StopListener = (messageId: string) => void;

/** Tells whoever works on a run that it shall stop. The request itself is stored: a lost signal only delays it. */
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

/** The signals of a single process. */
export class LocalRunSignals extends RunSignals {
  override stop(messageId: string): void {
    this.notify(messageId);
  }
}

const CHANNEL = 'runs:stop';

/** The signals of many processes. */
export class RedisRunSignals extends RunSignals {
  constructor(private readonly redis: RedisPubSub) {
    super();
    const listener = (messageId: string): void => {
      this.notify(messageId);
    };
    redis.subscribe(CHANNEL, listener).catch(() => undefined); // repeated by the client with every connection
  }

  override stop(messageId: string): void {
    this.notify(messageId);
    this.redis.publish(CHANNEL, messageId);
  }
}
