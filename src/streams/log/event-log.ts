import type { StreamEvent } from '@reprise/protocol';
import type { TenantId } from '../../common/index.js';

/** Names one log: the log of one message. */
export interface LogKey {
  tenant: TenantId;
  message_id: string;
}

/** The place of one event, taken or not. */
export interface Place {
  message_id: string;
  seq: number;
}

/** One event on its way into a log. `event.id` already holds `seq`. */
export interface LogEntry extends LogKey, Place {
  event: StreamEvent;
}

/** Which part of a log to read. */
export interface ReadRange {
  /** First `seq` wanted. */
  from: number;
  /** At most this many events. */
  limit: number;
}

/**
 * The one source of truth: an append-only log of events for every message.
 * A place (`message_id`, `seq`) is taken once and for all; that is what fences a writer which lost its lease.
 */
export abstract class EventLog {
  /**
   * Makes events durable, in the order given, and resolves when they survive the death of process and database.
   * Appending the same event again changes nothing, so a call whose outcome is unknown may be repeated.
   * @returns the entries refused because another event holds their place, or that of an earlier one of the same log.
   * @throws when the outcome is unknown (database out of reach).
   */
  abstract append(entries: readonly LogEntry[]): Promise<readonly LogEntry[]>;

  /** Events from `range.from`, in order, without gaps. */
  abstract read(key: LogKey, range: ReadRange): Promise<StreamEvent[]>;

  /** Those of some places that hold an event. One question for all of them: no event is read. */
  abstract occupied(places: readonly Place[]): Promise<readonly Place[]>;

  /** Removes whole logs. */
  abstract remove(tenant: TenantId, messageIds: readonly string[]): Promise<void>;
}
