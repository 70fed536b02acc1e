import type { Request } from 'express';
import { invalid } from './parse.js';

/** How a response is to be shown. */
export interface Retrieval {
  stream: boolean;
  /** The `sequence_number` of the last event that the client has. */
  startingAfter: number | undefined;
}

/** Reads the query of `GET /v1/responses/{id}`. @throws AppError `validation_failed`. */
export function readRetrieval(query: Request['query']): Retrieval {
  const { stream = 'false', starting_after: after } = query;
  if (stream !== 'true' && stream !== 'false') throw invalid('stream', 'must be true or false');
  if (after === undefined) return { stream: stream === 'true', startingAfter: undefined };
  if (typeof after !== 'string' || !/^\d{1,9}$/.test(after))
    throw invalid('starting_after', 'must be the sequence_number of an event');
  return { stream: stream === 'true', startingAfter: Number(after) };
}
