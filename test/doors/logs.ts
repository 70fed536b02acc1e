import { mintEventId, type EventBody, type StreamEvent } from '@reprise/protocol';
import fc from 'fast-check';
import { CHAT, END } from '../streams/setup.js';

export const MESSAGE = '68eb95dcac4dd9ac2789890e';

/** A log of these bodies, with `start` before and an ending after them. */
export function logOf(bodies: readonly EventBody[], ending: readonly EventBody[]): StreamEvent[] {
  const start: EventBody = { type: 'start', status: 'processing', agent: 'assistant', attempt: 1 };
  return [start, ...bodies, ...ending].map(({ type, ...fields }, seq) => {
    const id = mintEventId({ ms: 1_700_000_000_000 + seq, seq, nonce: 'aaaaaaaa' });
    const ts = '2025-10-12T10:00:00.000Z';
    return { v: 1, type, id, ts, message_id: MESSAGE, chat_id: CHAT, ...fields } as StreamEvent;
  });
}

export const FAILED: EventBody[] = [
  { type: 'error', error: 'the scripted failure', code: 'model_unavailable', retryable: true },
  { ...END, status: 'error' },
];
export const ENDINGS: EventBody[][] = [[END], [{ ...END, status: 'cancelled' }], FAILED];

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const ended = (call_id: string, status: 'ok' | 'error'): EventBody<'tool_end'> => ({
  type: 'tool_end',
  call_id,
  name: 'search',
  status,
  ms: 3,
  result_summary: 'found',
});
const started = (call_id: string): EventBody<'tool_start'> => ({
  type: 'tool_start',
  call_id,
  name: 'search',
  args_summary: '{"query":"x"}',
});
const asked = (call_id: string): EventBody => ({
  type: 'approval_required',
  call_id,
  name: 'search',
  args_summary: '{"query":"x"}',
  expires_at: '2030-01-01T00:00:00.000Z',
});
const decided = (call_id: string, decision: 'approve' | 'reject'): EventBody => ({
  type: 'approval_resolved',
  call_id,
  decision,
});

/**
 * What a run may write between its start and its ending: words, and complete calls, some in parallel, some with
 * approval.
 */
export const passage = fc.oneof(
  text.map((md): EventBody[] => [{ type: 'content', md }]),
  text.map((words): EventBody[] => [{ type: 'rationale', text: words }]),
  text.map((words): EventBody[] => [{ type: 'status', text: words }]),
  fc.constant<EventBody[]>([{ type: 'plan', items: [{ id: '1', text: 'Look', status: 'in_progress' }] }]),
  fc.constantFrom<'ok' | 'error'>('ok', 'error').map((status) => ['one', status] as const),
  fc
    .constantFrom('parallel', 'approved', 'rejected', 'asked first', 'delegate')
    .map((kind) => [kind, 'ok'] as const),
);

/** Gives each call in the log its own id. */
export function bodiesOf(passages: (EventBody[] | readonly [string, 'ok' | 'error'])[]): EventBody[] {
  return passages.flatMap((one, index): EventBody[] => {
    if (typeof one[0] !== 'string') return one as EventBody[];
    const [kind, status] = one as readonly [string, 'ok' | 'error'];
    const [a, b] = [`call_${index}a`, `call_${index}b`];
    if (kind === 'parallel') return [started(a), started(b), ended(b, 'ok'), ended(a, 'error')];
    if (kind === 'approved') return [started(a), asked(a), decided(a, 'approve'), ended(a, 'ok')];
    if (kind === 'rejected') return [started(a), asked(a), decided(a, 'reject'), ended(a, 'error')];
    if (kind === 'asked first') return [asked(a), decided(a, 'approve'), started(a), ended(a, 'ok')];
    if (kind === 'delegate')
      return [
        started(a),
        { ...started(b), parent_call_id: a },
        { ...ended(b, 'error'), parent_call_id: a },
        ended(a, 'ok'),
      ];
    return [started(a), { type: 'content', md: 'while it runs' }, ended(a, status)];
  });
}

/** Any whole log. */
export const anyLog = fc
  .tuple(fc.array(passage, { maxLength: 6 }), fc.constantFrom(...ENDINGS))
  .map(([passages, ending]) => logOf(bodiesOf(passages), ending));
