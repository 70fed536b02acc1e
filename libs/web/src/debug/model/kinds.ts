import type { StreamEvent } from '@reprise/protocol';

/** A family of events that shares a colour. */
export type Kind =
  'content' | 'tool' | 'plan' | 'rationale' | 'status' | 'approval' | 'error' | 'edge' | 'other';

const KINDS: Readonly<Record<string, Kind>> = {
  start: 'edge',
  plan: 'plan',
  rationale: 'rationale',
  status: 'status',
  tool_start: 'tool',
  tool_end: 'tool',
  approval_required: 'approval',
  approval_resolved: 'approval',
  content: 'content',
  error: 'error',
  end: 'edge',
};

/** The family of a type; `other` for an unknown one. */
export const kindOf = (type: string): Kind =>
  (Object.hasOwn(KINDS, type) ? KINDS[type] : undefined) ?? 'other';

/** The family of an event: a failure looks like an error. */
export function kindOfEvent(event: StreamEvent): Kind {
  const failed = (event.type === 'tool_end' || event.type === 'end') && event.status === 'error';
  return failed ? 'error' : kindOf(event.type);
}
