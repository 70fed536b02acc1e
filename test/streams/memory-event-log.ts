import type { StreamEvent } from '@reprise/protocol';
import {
  EventLog,
  type LogEntry,
  type LogKey,
  type Place,
  type ReadRange,
} from '../../src/streams/log/event-log.js';

/** A call that has reached the log. */
export interface LogCall<T> {
  readonly name: 'append' | 'read' | 'occupied' | 'remove';
  /** What an append wants to store. */
  readonly entries: readonly LogEntry[];
  /** Applies the call: all of it, or only the first entries of an append. */
  perform(count?: number): T;
}

/** Decides when a call takes effect, when it is answered, and whether it fails. */
export type Pace = <T>(call: LogCall<T>) => Promise<T>;

const atOnce: Pace = (call) => Promise.resolve(call.perform());

interface StoredLog {
  tenant: string;
  events: Map<number, StreamEvent>;
}

/** What is durable: outlives every process that writes it. */
export class MemoryStore {
  private readonly logs = new Map<string, StoredLog>();

  /** The events of a log by place. */
  events(messageId: string): StreamEvent[] {
    const events = [...(this.logs.get(messageId)?.events ?? [])];
    return events.sort(([a], [b]) => a - b).map(([, event]) => event);
  }

  /** How many events a log has. */
  size(messageId: string): number {
    return this.logs.get(messageId)?.events.size ?? 0;
  }

  append(entries: readonly LogEntry[]): LogEntry[] {
    const lost = new Set<string>();
    return entries.filter((entry) => {
      const log = this.logs.get(entry.message_id) ?? { tenant: entry.tenant, events: new Map() };
      this.logs.set(entry.message_id, log);
      const holder = log.events.get(entry.seq);
      if (holder && holder.id !== entry.event.id) lost.add(entry.message_id);
      if (holder?.id === entry.event.id) return false;
      if (lost.has(entry.message_id)) return true;
      log.events.set(entry.seq, entry.event);
      return false;
    });
  }

  read({ tenant, message_id }: LogKey, { from, limit }: ReadRange): StreamEvent[] {
    const log = this.logs.get(message_id);
    if (log?.tenant !== tenant) return [];
    const places = Array.from({ length: Math.min(limit, log.events.size) }, (_, i) => from + i);
    return places.map((seq) => log.events.get(seq)).filter((event) => event !== undefined);
  }

  has({ message_id, seq }: Place): boolean {
    return this.logs.get(message_id)?.events.has(seq) ?? false;
  }

  remove(tenant: string, messageIds: readonly string[]): void {
    for (const id of messageIds) if (this.logs.get(id)?.tenant === tenant) this.logs.delete(id);
  }
}

/** The log in memory: obeys the contract, and a test that decides when its calls take effect and how they end. */
export class MemoryEventLog extends EventLog {
  constructor(
    private readonly store = new MemoryStore(),
    private readonly pace: Pace = atOnce,
  ) {
    super();
  }

  override async append(entries: readonly LogEntry[]): Promise<readonly LogEntry[]> {
    const sent = entries.map((entry) => ({ ...entry, event: structuredClone(entry.event) }));
    const originals = new Map(sent.map((one, i) => [one, entries[i]]));
    const perform = (count = sent.length): LogEntry[] => this.store.append(sent.slice(0, count));
    const refused = await this.pace({ name: 'append', entries: sent, perform });
    return refused.map((one) => originals.get(one)).filter((entry) => entry !== undefined);
  }

  override async read(key: LogKey, range: ReadRange): Promise<StreamEvent[]> {
    const perform = (): StreamEvent[] => this.store.read(key, range);
    return structuredClone(await this.pace({ name: 'read', entries: [], perform }));
  }

  override async occupied(places: readonly Place[]): Promise<readonly Place[]> {
    const perform = (): Place[] => places.filter((place) => this.store.has(place));
    return this.pace({ name: 'occupied', entries: [], perform });
  }

  override async remove(tenant: LogKey['tenant'], messageIds: readonly string[]): Promise<void> {
    const perform = (): void => {
      this.store.remove(tenant, messageIds);
    };
    await this.pace({ name: 'remove', entries: [], perform });
  }
}
