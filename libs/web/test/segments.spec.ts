import { initialState, type Part, type StreamState, type ToolCall } from '@reprise/client';
import { toSegments } from '../src/chat/segments.js';

const call = (callId: string, name: string, more: Partial<ToolCall> = {}): ToolCall => ({
  callId,
  name,
  argsSummary: '',
  parentCallId: null,
  childContent: '',
  status: 'ok',
  startedAt: 0,
  endedAt: 1,
  ms: 1,
  resultSummary: '',
  errorCode: null,
  ...more,
});
const text = (md: string): Part => ({ kind: 'text', md });
const tool = (callId: string): Part => ({ kind: 'tool', callId });
const PLAN = [{ id: '1', text: 'Search', status: 'pending' as const }];
const state = (parts: Part[], toolCalls: ToolCall[] = [], plan: StreamState['plan'] = []): StreamState => ({
  ...initialState,
  parts,
  toolCalls,
  plan,
});

describe('a run from top to bottom', () => {
  it('keeps the order of text and steps', () => {
    const parts: Part[] = [{ kind: 'thinking', text: 'Hm' }, tool('a'), text('One'), tool('b'), text('Two')];
    expect(toSegments(state(parts, [call('a', 'x'), call('b', 'y')]))).toEqual([
      {
        kind: 'steps',
        steps: [
          { kind: 'thinking', text: 'Hm' },
          { kind: 'tool', callId: 'a', depth: 0 },
        ],
      },
      text('One'),
      { kind: 'steps', steps: [{ kind: 'tool', callId: 'b', depth: 0 }] },
      text('Two'),
    ]);
  });

  it('does not break a sentence that another worker continued', () => {
    const parts: Part[] = [text('Half a '), { kind: 'status', text: 'Resumed' }, text('sentence.')];
    expect(toSegments(state(parts))).toEqual([text('Half a sentence.')]);
  });

  it('shows one plan, where it was first made', () => {
    const calls = [call('p1', 'update_plan'), call('s', 'search'), call('p2', 'update_plan')];
    expect(toSegments(state([tool('p1'), tool('s'), tool('p2')], calls, PLAN))).toEqual([
      { kind: 'steps', steps: [{ kind: 'plan' }, { kind: 'tool', callId: 's', depth: 0 }] },
    ]);
  });

  it('shows a failed plan call as an ordinary call', () => {
    const calls = [call('p1', 'update_plan', { status: 'error' })];
    expect(toSegments(state([tool('p1')], calls))).toEqual([
      { kind: 'steps', steps: [{ kind: 'tool', callId: 'p1', depth: 0 }] },
    ]);
  });

  it('puts a plan without a call first', () => {
    expect(toSegments(state([text('Hi')], [], PLAN))).toEqual([
      { kind: 'steps', steps: [{ kind: 'plan' }] },
      text('Hi'),
    ]);
  });

  it('counts the depth of nested calls, even in a cycle', () => {
    const calls = [
      call('a', 'x', { parentCallId: 'b' }),
      call('b', 'y', { parentCallId: 'a' }),
      call('c', 'z', { parentCallId: 'd' }),
      call('d', 'z'),
    ];
    expect(toSegments(state([tool('a'), tool('c')], calls))).toEqual([
      {
        kind: 'steps',
        steps: [
          { kind: 'tool', callId: 'a', depth: 3 },
          { kind: 'tool', callId: 'c', depth: 1 },
        ],
      },
    ]);
  });
});
