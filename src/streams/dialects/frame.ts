import { parseEventId, type StreamEvent } from '@reprise/protocol';
import type { Dialect, Encoded } from './dialect.js';

/** One durable event and its frames on the wire, encoded once per dialect and shared by all subscribers. */
export class Frame {
  private dialect: Dialect | undefined;
  private encoded: Encoded | undefined;
  /** Nearly all subscribers of a log read the same dialect; the frames of other dialects are here. */
  private others: Map<Dialect, Encoded> | undefined;

  constructor(
    readonly event: StreamEvent,
    readonly seq = seqOf(event),
  ) {}

  get isEnd(): boolean {
    return this.event.type === 'end';
  }

  /** @param state of the dialect before this event; the same for every caller, because it depends only on the log. */
  in(dialect: Dialect, state: unknown): Encoded {
    if (this.dialect === dialect && this.encoded) return this.encoded;
    return this.others?.get(dialect) ?? this.encode(dialect, state);
  }

  private encode(dialect: Dialect, state: unknown): Encoded {
    const encoded = dialect.encode(state, this.event);
    if (this.dialect === undefined) {
      this.dialect = dialect;
      this.encoded = encoded;
    } else {
      this.others ??= new Map();
      this.others.set(dialect, encoded);
    }
    return encoded;
  }
}

/** The place of a stored event in its log. */
export function seqOf(event: StreamEvent): number {
  const parts = parseEventId(event.id);
  if (!parts) throw new Error(`A stored event has no valid id: "${event.id}"`);
  return parts.seq;
}
