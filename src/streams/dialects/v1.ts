import type { Dialect } from './dialect.js';

// JSON.stringify escapes every line break, so `data` is one line. An id and a type hold none by their patterns.

/** Frames with `event:`, for `addEventListener(type, …)`. */
export const v1: Dialect = {
  name: 'v1',
  encode: (event) => `event: ${event.type}\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`,
};

/** The same frames without `event:`, for clients that listen with `onmessage` alone. */
export const v1Unnamed: Dialect = {
  name: 'v1-unnamed',
  encode: (event) => `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`,
};
