import type { StreamEvent } from '@reprise/protocol';

/** One way to write the log on the wire: a pure function of each event. */
export interface Dialect {
  /** What clients put into `?dialect=`. */
  readonly name: string;
  /** The frame of one event, its closing blank line included. */
  encode(event: StreamEvent): string;
}
