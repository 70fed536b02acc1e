import { mintEventId, type EventBody, type StreamEvent } from '@reprise/protocol';
import fc from 'fast-check';

/** The ids in these logs. */
export const MESSAGE_ID = '68eb95dcac4dd9ac2789890e';
export const CHAT_ID = '550e8400-e29b-41d4-a716-446655440000';

const BEGIN_MS = 1_760_270_888_823;

/** The event at a place in the log. */
export function eventAt(seq: number, body: EventBody): StreamEvent {
  const ms = BEGIN_MS + seq * 7;
  return {
    v: 1,
    id: mintEventId({ ms, seq, nonce: seq.toString(16).padStart(8, '0') }),
    ts: new Date(ms).toISOString(),
    message_id: MESSAGE_ID,
    chat_id: CHAT_ID,
    ...body,
  };
}

/** A log of these events. */
export const logOf = (bodies: readonly EventBody[]): StreamEvent[] =>
  bodies.map((body, seq) => eventAt(seq, body));

/** A run's first event. */
export const START: EventBody = { type: 'start', status: 'processing', agent: 'assistant', attempt: 1 };

/** A run's last event. */
export function endOf(status: 'completed' | 'error' | 'cancelled'): EventBody {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  return { type: 'end', status, ms_total: 1234, tool_calls: 0, usage, model: 'test' };
}

/** A short log whose answer has this many pieces. */
export const answerLog = (pieces: number): StreamEvent[] =>
  logOf([
    START,
    ...Array.from({ length: pieces }, (_, index): EventBody => ({ type: 'content', md: `piece ${index} ` })),
    endOf('completed'),
  ]);

/** Text with everything that breaks code that handles bytes, lines or frames by hand. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', '\n\n', '\r\n', 'data: x\n\n', 'æøå 👩‍👩‍👧', '\u2028\uFEFF', 'id: 1\r'),
);
const call = fc.constantFrom('call_1', 'call_2', 'call_3').map((call_id) => ({ call_id, name: 'search' }));
const planStatus = fc.constantFrom('pending' as const, 'in_progress' as const, 'completed' as const);
const planItem = fc.record({ id: fc.constantFrom('a', 'b', 'c'), text, status: planStatus });
const expires_at = '2025-10-12T12:08:08.823Z';

/** Anything that may happen between the first event and the last. */
const happening: fc.Arbitrary<EventBody> = fc.oneof(
  { weight: 4, arbitrary: text.map((md): EventBody => ({ type: 'content', md })) },
  text.map((words): EventBody => ({ type: 'rationale', text: words })),
  text.map((words): EventBody => ({ type: 'status', text: words })),
  fc.array(planItem, { maxLength: 3 }).map((items): EventBody => ({ type: 'plan', items })),
  fc
    .tuple(call, text, fc.option(fc.constant('call_0'), { nil: undefined }))
    .map(([of, args_summary, parent_call_id]): EventBody => ({
      type: 'tool_start',
      ...of,
      args_summary,
      ...(parent_call_id && { parent_call_id }),
    })),
  fc
    .tuple(call, text, fc.constantFrom('ok' as const, 'error' as const), fc.nat(5000))
    .map(([of, result_summary, status, ms]): EventBody => ({
      type: 'tool_end',
      ...of,
      status,
      ms,
      result_summary,
    })),
  fc
    .tuple(call, text)
    .map(([of, args_summary]): EventBody => ({ type: 'approval_required', ...of, args_summary, expires_at })),
  fc
    .tuple(call, fc.constantFrom('approve' as const, 'reject' as const), fc.option(text, { nil: undefined }))
    .map(([{ call_id }, decision, reason]): EventBody => ({
      type: 'approval_resolved',
      call_id,
      decision,
      ...(reason !== undefined && { reason }),
    })),
  fc
    .integer({ min: 2, max: 5 })
    .map((attempt): EventBody => ({ type: 'status', text: 'Continuing', attempt })),
  // A type that only a newer server knows.
  text.map((words) => ({ type: 'from_the_future', words }) as unknown as EventBody),
);

const ending: fc.Arbitrary<EventBody[]> = fc.oneof(
  fc.constantFrom('completed' as const, 'cancelled' as const).map((status) => [endOf(status)]),
  text.map((error): EventBody[] => [
    { type: 'error', error, code: 'model_unavailable', retryable: true },
    endOf('error'),
  ]),
);

/** Any complete log. */
export const wholeLog: fc.Arbitrary<StreamEvent[]> = fc
  .tuple(fc.array(happening, { maxLength: 30 }), ending)
  .map(([middle, end]) => logOf([START, ...middle, ...end]));
