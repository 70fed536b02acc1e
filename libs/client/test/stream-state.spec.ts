import type { EventBody, StreamEvent } from '@reprise/protocol';
import { parseEvent } from '@reprise/protocol';
import fc from 'fast-check';
import { hasEnded, initialState, reduce, seqOf, type StreamState } from '../src/index.js';
import { answerLog, endOf, eventAt, logOf, MESSAGE_ID, START, wholeLog } from './logs.js';

const fold = (events: readonly StreamEvent[], from = initialState): StreamState =>
  events.reduce(reduce, from);
const foldBodies = (...bodies: EventBody[]): StreamState => fold(logOf([START, ...bodies]));

const TOOL_START: EventBody = { type: 'tool_start', call_id: 'c1', name: 'search', args_summary: 'csr' };
const TOOL_END: EventBody = {
  type: 'tool_end',
  call_id: 'c1',
  name: 'search',
  status: 'ok',
  ms: 12,
  result_summary: '3 hits',
};

describe('the state of a stream', () => {
  it('is the same however often the log was cut and resumed, and whatever was repeated', () => {
    const cut = fc.record({ upTo: fc.nat(40), overlap: fc.nat(40) });
    fc.assert(
      fc.property(wholeLog, fc.array(cut, { maxLength: 8 }), (log, cuts) => {
        let state = initialState;
        for (const { upTo, overlap } of [...cuts, { upTo: log.length, overlap: 3 }])
          state = fold(log.slice(Math.max(0, state.seq + 1 - overlap), upTo), state);
        expect(state).toEqual(fold(log));
      }),
      { numRuns: 500 },
    );
  });

  it('contains what the log says', () => {
    fc.assert(
      fc.property(wholeLog, (log) => {
        const state = fold(log);
        const answer = log.map((event) => (event.type === 'content' ? event.md : '')).join('');
        const written = state.parts.map((part) => (part.kind === 'text' ? part.md : '')).join('');
        expect({ answer: state.content, written }).toEqual({ answer, written: answer });
        expect(hasEnded(state)).toBe(true);
        expect(state.lastEventId).toBe(log.at(-1)?.id);
        expect(state.seq).toBe(log.length - 1);
        expect(state.toolCalls.filter(({ status }) => status === 'running')).toEqual([]);
        const shown = state.parts.flatMap((part) => (part.kind === 'tool' ? [part.callId] : []));
        expect(shown).toEqual(state.toolCalls.map(({ callId }) => callId));
      }),
      { numRuns: 500 },
    );
  });

  it('is tested with logs that the protocol allows', () => {
    fc.assert(
      fc.property(wholeLog, (log) => {
        const kinds = log.map((event) => parseEvent(event).kind);
        expect(kinds.filter((kind) => kind === 'invalid')).toEqual([]);
      }),
    );
  });

  it('leaves the old state unchanged', () => {
    fc.assert(
      fc.property(wholeLog, (log) => {
        let state = initialState;
        for (const event of log) {
          const before = structuredClone(state);
          const next = reduce(state, event);
          expect(state).toEqual(before);
          state = next;
        }
      }),
    );
  });

  it('does not change for an event it has seen', () => {
    const log = answerLog(3);
    const state = fold(log);
    expect(log.map((event) => reduce(state, event) === state)).toEqual(log.map(() => true));
  });

  it('moves its resume point for an unknown event type', () => {
    const before = foldBodies({ type: 'content', md: 'a' });
    const future = { ...eventAt(2, START), type: 'from_the_future' } as unknown as StreamEvent;
    expect(reduce(before, future)).toEqual({ ...before, seq: 2, lastEventId: future.id });
  });

  it('goes from pending through processing to its end', () => {
    expect(initialState.status).toBe('pending');
    expect(foldBodies()).toMatchObject({ status: 'processing', messageId: MESSAGE_ID, attempt: 1 });
    const ended = foldBodies(endOf('completed'));
    expect(ended).toMatchObject({ status: 'completed', msTotal: 1234, model: 'test' });
    expect(ended.usage?.total_tokens).toBe(15);
  });

  it('keeps what was said when another worker takes over', () => {
    const state = foldBodies(
      { type: 'content', md: 'Half' },
      TOOL_START,
      { type: 'status', text: 'Whatever the server says', attempt: 2 },
      { type: 'content', md: ' and half' },
    );
    expect(state).toMatchObject({ status: 'processing', attempt: 2, content: 'Half and half' });
    expect(state.toolCalls).toHaveLength(1);
  });

  it('has one part for consecutive text, and one for consecutive thoughts', () => {
    const state = foldBodies(
      { type: 'rationale', text: 'First.' },
      { type: 'rationale', text: 'Second.' },
      { type: 'content', md: 'a' },
      { type: 'content', md: 'b' },
      TOOL_START,
      { type: 'content', md: 'c' },
    );
    expect(state.parts).toEqual([
      { kind: 'thinking', text: 'First.\n\nSecond.' },
      { kind: 'text', md: 'ab' },
      { kind: 'tool', callId: 'c1' },
      { kind: 'text', md: 'c' },
    ]);
    expect(state.rationale).toBe('Second.');
  });

  it('describes how a tool call went', () => {
    expect(foldBodies(TOOL_START).toolCalls[0]).toMatchObject({
      status: 'running',
      ms: null,
      argsSummary: 'csr',
    });
    const [call] = foldBodies(TOOL_START, TOOL_END).toolCalls;
    expect(call).toMatchObject({ status: 'ok', ms: 12, resultSummary: '3 hits' });
    expect(call && call.endedAt! - call.startedAt).toBe(7);
  });

  it('stops running tools when the run ends', () => {
    const state = foldBodies(TOOL_START, endOf('cancelled'));
    expect(state.toolCalls[0]).toMatchObject({ status: 'stopped', ms: null });
    expect(state.toolCalls[0]?.endedAt).not.toBeNull();
  });

  it('knows a tool call of which it saw only the end', () => {
    const [call] = fold([eventAt(9, TOOL_END)]).toolCalls;
    expect(call).toMatchObject({ callId: 'c1', status: 'ok' });
    expect(call && call.endedAt! - call.startedAt).toBe(12);
  });

  it('says who decided what about a tool call', () => {
    const request = {
      call_id: 'c1',
      name: 'buy',
      args_summary: '1 boat',
      expires_at: '2025-10-12T12:08:08.823Z',
    };
    const asked = foldBodies({ type: 'approval_required', ...request });
    expect(asked.approvals).toMatchObject([{ callId: 'c1', decision: null, expiresAt: request.expires_at }]);
    expect(asked.parts).toEqual([{ kind: 'approval', callId: 'c1' }]);
    const decided = reduce(
      asked,
      eventAt(2, { type: 'approval_resolved', call_id: 'c1', decision: 'reject', reason: 'No.' }),
    );
    expect(decided.approvals).toMatchObject([{ decision: 'reject', reason: 'No.', argsSummary: '1 boat' }]);
  });

  it('says why a tool call failed, if the log says so', () => {
    const failed = { call_id: 'c1', name: 'buy', status: 'error', ms: 1, result_summary: 'No.' } as const;
    const errorCode = (...bodies: EventBody[]) => foldBodies(TOOL_START, ...bodies).toolCalls[0]?.errorCode;
    expect(errorCode()).toBeNull();
    expect(errorCode({ type: 'tool_end', ...failed })).toBeNull();
    expect(errorCode({ type: 'tool_end', ...failed, error_code: 'sold_out' })).toBe('sold_out');
  });

  it('keeps the error with what was said', () => {
    const error: EventBody = { type: 'error', error: 'It broke.', code: 'internal', retryable: false };
    expect(foldBodies({ type: 'content', md: 'a' }, error, endOf('error'))).toMatchObject({
      status: 'error',
      content: 'a',
      error: { text: 'It broke.', code: 'internal', retryable: false },
    });
  });

  it('processes ten thousand events in well under a second', () => {
    const log = answerLog(10_000);
    const since = performance.now();
    const state = fold(log);
    expect(performance.now() - since).toBeLessThan(500);
    expect(state.parts).toHaveLength(1);
  });

  it('reads the place from an event id, and nothing from other text', () => {
    expect(seqOf('1760270888823_0012_a26344ee')).toBe(12);
    expect(seqOf('nonsense')).toBeNaN();
  });
});
