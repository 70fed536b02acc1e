import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Settings } from '../config/index.js';
import { Log } from '../logging/index.js';
import { factsOf, faultsOf, type RedisFacts } from './redis-facts.js';

/** Receives the messages of one channel. Must not throw. */
export type ChannelListener = (text: string) => void;

/**
 * Redis pub/sub. A message may be lost at any time (nobody subscribed yet, Redis down), so listeners must be able to
 * do without: `onGap` tells them when a loss is likely.
 */
@Injectable()
export class RedisPubSub implements OnApplicationShutdown {
  private readonly logger = new Log(RedisPubSub.name);
  private readonly publisher: Redis;
  private readonly subscriber: Redis;
  private readonly listeners = new Map<string, ChannelListener>();
  private readonly gapListeners: (() => void)[] = [];
  private facts: RedisFacts = {};
  private readonly told = new Set<string>();
  private away = false;
  private leaving = false;

  constructor(private readonly settings: Settings) {
    this.publisher = this.connect({ enableOfflineQueue: false });
    this.publisher.on('ready', () => void this.inspect());
    this.subscriber = this.connect({ enableOfflineQueue: true });
    this.subscriber.on('message', (channel: string, text: string) => this.listeners.get(channel)?.(text));
    this.subscriber.on('ready', () => {
      // The client has sent its old subscriptions by now; the reply to a command sent after them confirms that they
      // are active.
      this.subscriber.ping().then(this.tellOfGap, this.tellOfGap);
    });
  }

  /** Whether both connections are up, as far as known. */
  get connected(): boolean {
    return this.publisher.status === 'ready' && this.subscriber.status === 'ready';
  }

  /** The state of this Redis as of the last connection; `faults` are sentences for an operator. */
  get state(): { connected: boolean; facts: RedisFacts; faults: string[] } {
    return { connected: this.connected, facts: this.facts, faults: faultsOf(this.facts) };
  }

  /** Sends, or loses the message. Never throws, never waits. */
  publish(channel: string, text: string): void {
    this.publisher.publish(this.nameOf(channel), text).catch(() => undefined);
  }

  /** Resolves when messages of the channel arrive. One listener per channel. */
  async subscribe(channel: string, listener: ChannelListener): Promise<void> {
    this.listeners.set(this.nameOf(channel), listener);
    await this.subscriber.subscribe(this.nameOf(channel));
  }

  unsubscribe(channel: string): void {
    this.listeners.delete(this.nameOf(channel));
    this.subscriber.unsubscribe(this.nameOf(channel)).catch(() => undefined);
  }

  /** Called after every new connection: messages published before may be lost. */
  onGap(listener: () => void): void {
    this.gapListeners.push(listener);
  }

  onApplicationShutdown(): void {
    this.leaving = true;
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }

  /** After every new connection: it may be a different Redis by then. Each fault is logged once. */
  private async inspect(): Promise<void> {
    this.facts = await factsOf(this.publisher);
    for (const fault of faultsOf(this.facts)) {
      if (!this.told.has(fault)) this.logger.warn(fault);
      this.told.add(fault);
    }
  }

  private readonly tellOfGap = (): void => {
    for (const listener of this.gapListeners) listener();
  };

  private nameOf(channel: string): string {
    return `${this.settings.REDIS_PREFIX}:${channel}`;
  }

  private connect(options: { enableOfflineQueue: boolean }): Redis {
    const url = this.settings.REDIS_URL ?? '';
    const redis = new Redis(url, {
      ...options,
      maxRetriesPerRequest: null,
      retryStrategy: (tries) => Math.min(tries * 50, 1000),
    });
    redis.on('error', (error: Error) => {
      this.logger.debug(`Redis: ${error.message}`);
    });
    redis.on('ready', () => {
      if (!this.away || !this.connected) return;
      this.away = false;
      this.logger.info('Redis is back');
    });
    redis.on('close', () => {
      // Each failed attempt closes a connection, too.
      if (this.away || this.leaving) return;
      this.away = true;
      this.logger.warn(
        'Redis is unavailable; streams read the log instead, and workers find runs in the database',
      );
    });
    return redis;
  }
}
