import { mintEventId, type EventBody, type StreamEvent } from '@reprise/protocol';
import fc, { type Arbitrary } from 'fast-check';
import { CHAT, END } from '../streams/setup.js';

export const MESSAGE = '68eb95dcac4dd9ac2789890e';

export const CANCELLED: EventBody[] = [{ ...END, status: 'cancelled' }];
export const FAILED: EventBody[] = [
  { type: 'error', error: 'the scripted failure', code: 'model_unavailable', retryable: true },
  { ...END, status: 'error' },
];
export const COMPLETED: EventBody[] = [
  {
    ...END,
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    sources: [
      { title: 'A page', url: 'https://example.org/' },
      { title: 'A document', document_id: 'd1' },
      { title: 'A title' },
    ],
  },
];

/** A log of these bodies, with `start` before and an ending after them. */
export function logOf(bodies: readonly EventBody[], ending: readonly EventBody[]): StreamEvent[] {
  const start: EventBody = { type: 'start', status: 'processing', agent: 'assistant', attempt: 1 };
  return [start, ...bodies, ...ending].map(({ type, ...fields }, seq) => {
    const id = mintEventId({ ms: 1_700_000_000_000 + seq, seq, nonce: 'aaaaaaaa' });
    const ts = '2025-10-12T10:00:00.000Z';
    return { v: 1, type, id, ts, message_id: MESSAGE, chat_id: CHAT, ...fields } as StreamEvent;
  });
}

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const call = (call_id: string, parent?: string) => ({
  call_id,
  name: 'search',
  ...(parent !== undefined && { parent_call_id: parent }),
});

const started = (id: string, parent?: string): EventBody => ({
  type: 'tool_start',
  ...call(id, parent),
  args_summary: 'query="x"',
  ...(id.endsWith('a') && { args: { query: 'x' } }),
});

const ended = (id: string, status: 'ok' | 'error', parent?: string): EventBody => ({
  type: 'tool_end',
  ...call(id, parent),
  status,
  ms: 3,
  result_summary: 'found',
  ...(id.endsWith('a') && status === 'ok' && { result: { hits: 1 } }),
});

const asked = (id: string, parent?: string): EventBody => ({
  type: 'approval_required',
  ...call(id, parent),
  args_summary: 'query="x"',
  args: { query: 'x' },
  expires_at: '2030-01-01T00:00:00.000Z',
});

const decided = (call_id: string, decision: 'approve' | 'reject', parent?: string): EventBody => ({
  type: 'approval_resolved',
  call_id,
  decision,
  ...(parent !== undefined && { parent_call_id: parent }),
});

/** What may happen to calls, each kind with ids of its own. */
const KINDS: Record<string, (a: string, b: string) => EventBody[]> = {
  one: (a) => [started(a), ended(a, 'ok')],
  failed: (a) => [started(a), { type: 'content', md: 'while it runs' }, ended(a, 'error')],
  parallel: (a, b) => [started(a), started(b), ended(b, 'ok'), ended(a, 'error')],
  approved: (a) => [asked(a), decided(a, 'approve'), started(a), ended(a, 'ok')],
  rejected: (a) => [asked(a), decided(a, 'reject'), ended(a, 'error')],
  'asked twice': (a, b) => [
    asked(a),
    asked(b),
    { type: 'status', text: 'Continuing', attempt: 2 },
    decided(b, 'reject'),
    ended(b, 'error'),
    decided(a, 'approve'),
    started(a),
    ended(a, 'ok'),
  ],
  'beside one that asks': (a, b) => [
    asked(a),
    started(b),
    ended(b, 'ok'),
    decided(a, 'approve'),
    started(a),
    ended(a, 'ok'),
  ],
  'of a delegate': (a, b) => [
    started(a),
    { type: 'child_content', md: 'no part of the answer', parent_call_id: a },
    { type: 'rationale', text: 'a delegate thinks', parent_call_id: a },
    asked(b, a),
    decided(b, 'approve', a),
    started(b, a),
    ended(b, 'ok', a),
    ended(a, 'ok'),
  ],
  abandoned: (a) => [started(a)],
  'never decided': (a) => [asked(a)],
};

const passage: Arbitrary<EventBody[] | string> = fc.oneof(
  text.map((md): EventBody[] => [{ type: 'content', md }]),
  text.map((words): EventBody[] => [{ type: 'rationale', text: words }]),
  text.map((words): EventBody[] => [{ type: 'status', text: words }]),
  fc.constant<EventBody[]>([{ type: 'plan', items: [{ id: '1', text: 'Look', status: 'in_progress' }] }]),
  fc.constantFrom(...Object.keys(KINDS)),
);

/** Any log that a run may leave. */
export const anyLog: Arbitrary<StreamEvent[]> = fc
  .tuple(fc.array(passage, { maxLength: 7 }), fc.constantFrom(COMPLETED, CANCELLED, FAILED))
  .map(([passages, ending]) => {
    const bodies = passages.flatMap((one, index) =>
      typeof one === 'string' ? (KINDS[one]?.(`call_${index}a`, `call_${index}b`) ?? []) : one,
    );
    return logOf(bodies, ending);
  });
