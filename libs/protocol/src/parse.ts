import { eventSchemas, type EventType, type StreamEvent } from './schemas.js';

/** Whether this version knows the event type. */
export function isEventType(type: unknown): type is EventType {
  return typeof type === 'string' && Object.hasOwn(eventSchemas, type);
}

/** The result of {@link parseEvent}. `unknown` is a newer server's type: skip it, do not fail. */
export type ParsedEvent =
  | { kind: 'event'; event: StreamEvent }
  | { kind: 'unknown'; type: string }
  | { kind: 'invalid'; reason: string };

/** Reads one event from parsed JSON. Never throws. */
export function parseEvent(value: unknown): ParsedEvent {
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    return { kind: 'invalid', reason: 'not an object with a `type`' };
  }
  const { type } = value;
  if (typeof type !== 'string') return { kind: 'invalid', reason: '`type` is not a string' };
  if (!isEventType(type)) return { kind: 'unknown', type };
  const result = eventSchemas[type].safeParse(value);
  if (result.success) return { kind: 'event', event: result.data };
  const issue = result.error.issues[0];
  return { kind: 'invalid', reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
}
