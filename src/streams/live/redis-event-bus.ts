import type { OnApplicationShutdown } from '@nestjs/common';
import type { StreamEvent } from '@reprise/protocol';
import type { TenantId } from '../../common/index.js';
import type { RedisPubSub } from '../../platform/redis/index.js';
import { EventBus, type BusReceiver } from '../log/event-bus.js';
import type { LogEntry } from '../log/event-log.js';
import { seqOf } from '../dialects/frame.js';

/** A message on a channel: the newest events of one log, or that it was deleted. */
type Announcement = { tenant: TenantId; events: StreamEvent[] } | { removed: true };

/** Rechecks are this much more frequent while Redis is known to be unavailable. */
const AWAY_FACTOR = 10;

/**
 * The bus between processes: one channel per log, so that a process receives only the logs that it follows. Its own
 * events take the short way. The recheck finds events whose announcement was lost.
 */
export class RedisEventBus extends EventBus implements OnApplicationShutdown {
  private receiver: BusReceiver | undefined;
  private readonly timer: NodeJS.Timeout;
  private ticks = 0;

  constructor(
    private readonly redis: RedisPubSub,
    recheckMs: number,
  ) {
    super();
    redis.onGap(() => this.receiver?.markStale());
    this.timer = setInterval(() => {
      if (++this.ticks % AWAY_FACTOR === 0 || !redis.connected) this.receiver?.markStale();
    }, recheckMs / AWAY_FACTOR);
  }

  override publish(entries: readonly LogEntry[]): void {
    this.receiver?.receive(entries);
    for (const [messageId, announcement] of byLog(entries)) {
      this.redis.publish(channelOf(messageId), JSON.stringify(announcement));
    }
  }

  override publishRemoval(messageIds: readonly string[]): void {
    this.receiver?.forget(messageIds);
    const text = JSON.stringify({ removed: true } satisfies Announcement);
    for (const messageId of messageIds) this.redis.publish(channelOf(messageId), text);
  }

  override attach(receiver: BusReceiver): void {
    this.receiver = receiver;
  }

  /** What is published before the subscription is active is missed, so the log is stale then. */
  override watch(messageId: string): void {
    const listener = (text: string): void => {
      const news = newsIn(text, messageId);
      if (!news) this.receiver?.markStale(messageId);
      else if (news === 'removed') this.receiver?.forget([messageId]);
      else this.receiver?.receive(news);
    };
    this.redis.subscribe(channelOf(messageId), listener).then(
      () => this.receiver?.markStale(messageId),
      () => undefined,
    );
  }

  override unwatch(messageId: string): void {
    this.redis.unsubscribe(channelOf(messageId));
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}

const channelOf = (messageId: string): string => `log:${messageId}`;

type Events = Extract<Announcement, { events: unknown }>;

function byLog(entries: readonly LogEntry[]): Map<string, Events> {
  const logs = new Map<string, Events>();
  for (const { message_id, tenant, event } of entries) {
    const log = logs.get(message_id);
    if (log) log.events.push(event);
    else logs.set(message_id, { tenant, events: [event] });
  }
  return logs;
}

/** What another process says about a log; undefined if it cannot be understood. */
function newsIn(text: string, message_id: string): LogEntry[] | 'removed' | undefined {
  try {
    const announcement = JSON.parse(text) as Announcement;
    if ('removed' in announcement) return 'removed';
    const { tenant, events } = announcement;
    return events.map((event) => ({ tenant, message_id, seq: seqOf(event), event }));
  } catch {
    return undefined;
  }
}
