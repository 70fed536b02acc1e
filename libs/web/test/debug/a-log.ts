import { mintEventId, type EventBody, type StreamEvent } from '@reprise/protocol';
import fc from 'fast-check';
import { extendRows, type Row } from '../../src/debug/model/rows.js';

const EPOCH = Date.UTC(2026, 0, 1);
const IDS = { message_id: '68eb95dcac4dd9ac2789890e', chat_id: '550e8400-e29b-41d4-a716-446655440000' };
export const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

/** An event of a log, `at` ms after its start. */
export function eventAt(at: number, seq: number, body: EventBody): StreamEvent {
  const ms = EPOCH + at;
  const id = mintEventId({ ms, seq, nonce: '0a0b0c0d' });
  return { v: 1, id, ts: new Date(ms).toISOString(), ...IDS, ...body };
}

/** Rows of a log, given as times and bodies. */
export function rowsOf(...told: [at: number, body: EventBody][]): readonly Row[] {
  return extendRows(
    [],
    told.map(([at, body], seq) => eventAt(at, seq, body)),
  );
}

export const start = (attempt = 1): EventBody => ({
  type: 'start',
  status: 'processing',
  agent: 'assistant',
  attempt,
});
export const content = (md: string): EventBody => ({ type: 'content', md });
export const status = (text: string): EventBody => ({ type: 'status', text });
export const rationale = (text: string): EventBody => ({ type: 'rationale', text });
export const end = (how: 'completed' | 'error' | 'cancelled' = 'completed'): EventBody => ({
  type: 'end',
  status: how,
  ms_total: 1,
  tool_calls: 0,
  usage: USAGE,
  model: 'm',
});
export const toolStart = (call_id: string, parent?: string): EventBody => ({
  type: 'tool_start',
  call_id,
  name: `tool_${call_id}`,
  args_summary: 'x=1',
  ...(parent !== undefined && { parent_call_id: parent }),
});
export const toolEnd = (call_id: string, how: 'ok' | 'error' = 'ok'): EventBody => ({
  type: 'tool_end',
  call_id,
  name: `tool_${call_id}`,
  status: how,
  ms: 7,
  result_summary: 'done',
});
export const asks = (call_id: string): EventBody => ({
  type: 'approval_required',
  call_id,
  name: `tool_${call_id}`,
  args_summary: '',
  expires_at: '2026-01-01T01:00:00.000Z',
});
export const decides = (call_id: string, decision: 'approve' | 'reject'): EventBody => ({
  type: 'approval_resolved',
  call_id,
  decision,
});

const callId = fc.constantFrom('a', 'b', 'c', 'd');
const body: fc.Arbitrary<EventBody> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 8 }).map(content) },
  fc.constantFrom(start(), start(2), end(), end('cancelled')),
  fc.string({ maxLength: 8 }).map(status),
  fc.string({ maxLength: 8 }).map(rationale),
  callId.map((id) => toolStart(id)),
  callId.map((id) => toolStart(id, 'a')),
  callId.map((id) => toolEnd(id)),
  callId.map(asks),
  callId.map((id) => decides(id, 'reject')),
);

/** Any log at all, even one that no server would write. */
export const anyEvents: fc.Arbitrary<StreamEvent[]> = fc
  .array(fc.tuple(fc.nat(3000), body), { maxLength: 120, size: 'max' })
  .map((told) => {
    let at = 0;
    return told.map(([delta, what], seq) => eventAt((at += delta), seq, what));
  });

export const anyRows = anyEvents.map((events) => extendRows([], events));
