import { parseEventId, type StreamEvent } from '@reprise/protocol';
import type { Dialect } from './dialects/index.js';

/** One durable event and its bytes on the wire, encoded once per dialect and shared by every subscriber. */
export class Frame {
  private dialect: Dialect | undefined;
  private text = '';

  constructor(
    readonly event: StreamEvent,
    readonly seq = seqOf(event),
  ) {}

  get isEnd(): boolean {
    return this.event.type === 'end';
  }

  /** The frame in a dialect. Remembers the last one, as nearly all subscribers of a log speak the same. */
  in(dialect: Dialect): string {
    if (this.dialect !== dialect) {
      this.dialect = dialect;
      this.text = dialect.encode(this.event);
    }
    return this.text;
  }
}

/** The place of a stored event in its log. */
export function seqOf(event: StreamEvent): number {
  const parts = parseEventId(event.id);
  if (!parts) throw new Error(`A stored event has no valid id: "${event.id}"`);
  return parts.seq;
}
