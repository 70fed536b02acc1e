import type { LogEntry } from './event-log.js';

/** Receives durable events. */
export interface BusReceiver {
  /** Events of one or more logs, each log's in order. Must not throw. */
  receive(entries: readonly LogEntry[]): void;
  /** Events may have been missed: those of one log, or of any. The log has them. Must not throw. */
  markStale(messageId?: string): void;
  /** These logs were deleted. Must not throw. */
  forget(messageIds: readonly string[]): void;
}

/**
 * Tells every process about durable events. It only speeds things up: a process that misses a message sees a gap in
 * `seq`, or is told that its log is stale, and reads the log.
 */
export abstract class EventBus {
  /** Never waits, never throws. */
  abstract publish(entries: readonly LogEntry[]): void;

  /** Announces that logs were deleted, so that nobody waits for more of them. Never waits, never throws. */
  abstract publishRemoval(messageIds: readonly string[]): void;

  /** Sets the single receiver of this process. */
  abstract attach(receiver: BusReceiver): void;

  /** This process follows the log: it wants what other processes append to it. */
  abstract watch(messageId: string): void;

  /** This process no longer follows the log. */
  abstract unwatch(messageId: string): void;
}

/** The bus within a single process. */
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
