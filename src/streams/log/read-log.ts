import type { StreamEvent } from '@reprise/protocol';
import type { EventLog, LogKey, ReadRange } from './event-log.js';

const READ_EVENTS = 500;

/** The stored events of a range, read page by page as the caller consumes them. */
export async function* readLog(
  log: EventLog,
  key: LogKey,
  range: ReadRange,
): AsyncGenerator<StreamEvent, void, undefined> {
  for (let { from, limit: left } = range; left > 0;) {
    const page = { from, limit: Math.min(READ_EVENTS, left) };
    const events = await log.read(key, page);
    yield* events;
    if (events.length < page.limit) return;
    from += events.length;
    left -= events.length;
  }
}
