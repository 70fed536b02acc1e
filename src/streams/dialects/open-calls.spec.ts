import type { EventBody, StreamEvent } from '@reprise/protocol';
import { callsAfter, NO_OPEN_CALLS, restingOn } from './open-calls.js';

const call = (call_id: string, parent?: string) => ({
  call_id,
  name: 'pay',
  args_summary: '',
  ...(parent !== undefined && { parent_call_id: parent }),
});
const asks = (id: string, calls_to_come?: number, parent?: string): EventBody => ({
  type: 'approval_required',
  ...call(id, parent),
  expires_at: '2030-01-01T00:00:00.000Z',
  ...(calls_to_come !== undefined && { calls_to_come }),
});
const starts = (id: string, parent?: string): EventBody => ({ type: 'tool_start', ...call(id, parent) });
const ends = (id: string): EventBody => ({
  type: 'tool_end',
  call_id: id,
  name: 'pay',
  status: 'ok',
  ms: 1,
  result_summary: '',
});
const decides = (id: string, decision: 'approve' | 'reject' = 'approve'): EventBody => ({
  type: 'approval_resolved',
  call_id: id,
  decision,
});

/** For each event, the calls on which the run rests after it. */
function rests(...bodies: EventBody[]): string[] {
  let open = NO_OPEN_CALLS;
  return bodies.map((body) => {
    open = callsAfter(open, body as StreamEvent);
    return restingOn(open)
      .map(({ call_id }) => call_id)
      .join(' ');
  });
}

describe('a run rests', () => {
  it('once all calls of the turn that have to be approved were asked for', () => {
    expect(rests(asks('a', 1), asks('b'))).toEqual(['', 'a b']);
  });

  it('once the other calls of the turn have ended', () => {
    expect(rests(asks('a', 2), asks('b', 1), starts('c'), ends('c'))).toEqual(['', '', '', 'a b']);
    expect(rests(asks('a', 2), starts('c'), starts('d'), ends('d'), ends('c'))).toEqual([
      '',
      '',
      '',
      '',
      'a',
    ]);
  });

  it('until the first decision, and again when what it allowed has ended', () => {
    expect(
      rests(asks('a', 1), asks('b'), decides('a'), starts('a'), ends('a'), decides('b', 'reject'), ends('b')),
    ).toEqual(['', 'a b', '', '', 'b', '', '']);
  });

  it('while agents wait for it, and none is at work', () => {
    expect(
      rests(starts('t1'), starts('t2'), asks('x', undefined, 't1'), starts('y', 't2'), ends('y'), ends('t2')),
    ).toEqual(['', '', '', '', '', 'x']);
    expect(rests(starts('t'), starts('u', 't'), asks('x', undefined, 'u'))).toEqual(['', '', 'x']);
  });

  it('again after a takeover that asks for what was not asked yet', () => {
    expect(rests(asks('a', 2), asks('b', 1), starts('c'), ends('c'))).toEqual(['', '', '', 'a b']);
  });

  it('not once it has ended', () => {
    const end = { type: 'end', status: 'cancelled' } as EventBody;
    expect(rests(asks('a'), end)).toEqual(['a', '']);
  });
});
