import type { Found, LogCursor, Unread, Waiter } from '../../../streams/index.js';

/**
 * A log whose first event is given to its reader only when something is ready, for which it waits from then on: when
 * there is an event, the run has begun.
 */
export function gated<L extends Unread>(log: L, ready: () => Promise<void>): L {
  return {
    ...log,
    open: (reader: Waiter): LogCursor => gatedCursor(log.open(reader), ready),
    follow: async function* (seq: number, signal: AbortSignal) {
      for await (const span of log.follow(seq, signal)) {
        await ready();
        yield span;
      }
    },
  };
}

function gatedCursor(cursor: LogCursor, ready: () => Promise<void>): LogCursor {
  let isOpen = false;
  const isSpan = (found: Found | undefined): boolean => typeof found === 'object';
  return {
    atHand: () => {
      const found = cursor.atHand();
      return isSpan(found) && !isOpen ? undefined : found;
    },
    lookUp: async () => {
      const found = cursor.atHand() ?? (await cursor.lookUp());
      if (isSpan(found) && !isOpen) {
        await ready();
        isOpen = true;
      }
      return found;
    },
    pass: (span) => {
      cursor.pass(span);
    },
    close: () => {
      cursor.close();
    },
  };
}
