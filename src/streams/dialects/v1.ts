import { eachEvent } from './dialect.js';

// JSON.stringify escapes every line break, so `data` is one line. By their patterns, an id and a type contain none.

/** Frames with `event:`, for `addEventListener(type, …)`. */
export const v1 = eachEvent(
  'v1',
  (event) => `event: ${event.type}\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`,
);

/** The same frames without `event:`, for clients that listen only with `onmessage`. */
export const v1Unnamed = eachEvent(
  'v1-unnamed',
  (event) => `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`,
);
