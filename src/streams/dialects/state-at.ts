import type { Dialect } from './dialect.js';
import type { Span } from '../wire/span.js';

/**
 * The state of a dialect before `seq`. Pages of a log remember the state after their last event, so this reads each
 * page's state, not each event.
 * @param spans the log from its first event
 */
export async function stateAt(dialect: Dialect, seq: number, spans: AsyncIterable<Span>): Promise<unknown> {
  let state = dialect.initial;
  for await (const span of spans) {
    if (span.to <= seq) ({ state } = span.in(dialect, state));
    else {
      for (const frame of span.frames.slice(0, seq - span.from)) ({ state } = frame.in(dialect, state));
    }
    if (span.to >= seq) break;
  }
  return state;
}
