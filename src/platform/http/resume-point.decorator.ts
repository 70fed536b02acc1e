import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AppError } from '../../common/index.js';

/**
 * The id of the last event that a client has seen: the `Last-Event-ID` header of an EventSource, the same name in the
 * query from polyfills that cannot send it (`lastEventId`, `lastEventID`, `last-event-id` …), or `since`. In this
 * order: when a client reconnects, its URL still contains the first `since`.
 * @throws AppError 400 `unknown_event_id` if the query names more than one.
 */
export const ResumePoint = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined => {
    const { headers, query } = context.switchToHttp().getRequest<Request>();
    const header = headers['last-event-id'];
    if (typeof header === 'string' && header !== '') return header;
    return one(valuesOf(query, isLastEventId)) ?? one(valuesOf(query, (name) => name === 'since'));
  },
);

const isLastEventId = (name: string): boolean => /^last[-_]?event[-_]?id$/i.test(name);

function valuesOf(query: Request['query'], isWanted: (name: string) => boolean): unknown[] {
  const named = Object.entries(query).filter(([name]) => isWanted(name));
  return named.flatMap(([, value]) => value);
}

function one(values: unknown[]): string | undefined {
  const [value, ...others] = values;
  if (value === undefined) return undefined;
  if (typeof value === 'string' && others.length === 0) return value === '' ? undefined : value;
  throw new AppError('unknown_event_id', { named: values.length });
}
