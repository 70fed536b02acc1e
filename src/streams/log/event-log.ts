import type { StreamEvent } from '@reprise/protocol';
import type { TenantId } from '../../common/index.js';

/** Names one log: the log of one message. */
export interface LogKey {
  tenant: TenantId;
  message_id: string;
}

/** The place of one event, filled or not. */
export interface Place {
  message_id: string;
  seq: number;
}

/** One event on its way into a log. `event.id` already contains `seq`. */
export interface LogEntry extends LogKey, Place {
  event: StreamEvent;
}

/** Which part of a log to read. */
export interface ReadRange {
  /** First `seq` to return. */
  from: number;
  /** At most this many events. */
  limit: number;
}

/**
 * The single source of truth: an append-only log of events for every message. A place (`message_id`, `seq`) can be
 * filled only once; that fences off a writer that has lost its lease.
 */
export abstract class EventLog {
  /**
   * Makes events durable, in the order given, and resolves when they would survive the death of process and database.
   * Appending the same event again changes nothing, so a call whose outcome is unknown can be repeated.
   * @returns the entries rejected because another event occupies their place, or that of an earlier one of the same
   * log.
   * @throws if the outcome is unknown (database unreachable).
   */
  abstract append(entries: readonly LogEntry[]): Promise<readonly LogEntry[]>;

  /** Events from `range.from`, in order, without gaps. */
  abstract read(key: LogKey, range: ReadRange): Promise<StreamEvent[]>;

  /** Those of the given places that hold an event. One query for all of them; no event is read. */
  abstract occupied(places: readonly Place[]): Promise<readonly Place[]>;

  /** Deletes whole logs. */
  abstract remove(tenant: TenantId, messageIds: readonly string[]): Promise<void>;
}
