import type { LogEntry } from './event-log.js';

/** Who hears of durable events. */
export interface BusReceiver {
  /** Events of one or more logs, each log's in order. Must not throw. */
  receive(entries: readonly LogEntry[]): void;
  /** Events may have been missed: those of one log, or of any. The log knows. Must not throw. */
  markStale(messageId?: string): void;
  /** These logs were deleted. Must not throw. */
  forget(messageIds: readonly string[]): void;
}

/**
 * Tells every process of events that are durable. It only speeds things up: whoever misses a message
 * sees a gap in `seq`, or is told that its log is stale, and reads the log.
 */
export abstract class EventBus {
  /** Never waits, never throws. */
  abstract publish(entries: readonly LogEntry[]): void;

  /** Tells that logs were deleted, so that nobody waits for more of them. Never waits, never throws. */
  abstract publishRemoval(messageIds: readonly string[]): void;

  /** Names the one receiver of this process. */
  abstract attach(receiver: BusReceiver): void;

  /** Somebody here follows this log: what other processes append to it is wanted. */
  abstract watch(messageId: string): void;

  /** Nobody here follows this log any more. */
  abstract unwatch(messageId: string): void;
}

/** The bus of a single process. */
export class LocalEventBus extends EventBus {
  private receiver: BusReceiver | undefined;

  override publish(entries: readonly LogEntry[]): void {
    this.receiver?.receive(entries);
  }

  override publishRemoval(messageIds: readonly string[]): void {
    this.receiver?.forget(messageIds);
  }

  override attach(receiver: BusReceiver): void {
    this.receiver = receiver;
  }

  override watch(): void {
    // everything is published here anyway
  }

  override unwatch(): void {
    // see watch
  }
}
