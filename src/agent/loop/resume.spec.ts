import { mintEventId, type EventBody, type StreamEvent } from '@reprise/protocol';
import fc from 'fast-check';
import type { JournaledCall } from '../calls/tool-journal.js';
import { rebuildTranscript } from './resume.js';

const envelope = {
  v: 1 as const,
  message_id: 'a'.repeat(24),
  chat_id: 'fc98b84e-c1c4-49ad-a29e-3bb03e67d55f',
};

function asLog(bodies: readonly EventBody[]): StreamEvent[] {
  return bodies.map((body, seq) => {
    const id = mintEventId({ ms: 1, seq, nonce: '00000000' });
    return { ...envelope, ...body, id, ts: new Date(0).toISOString() };
  });
}

function record(call_id: string, step: number, fields: Partial<JournaledCall> = {}): JournaledCall {
  const { chat_id, message_id } = envelope;
  const at = { started_at: new Date(0), ended_at: null, ms: null, result: null };
  const base = { chat_id, message_id, call_id, step, position: 0, name: 'echo', arguments: '{"a":1}', ...at };
  return { ...base, status: 'running', ...fields };
}

const content = (md: string): EventBody => ({ type: 'content', md });
const toolStart = (call_id: string): EventBody => ({
  type: 'tool_start',
  call_id,
  name: 'echo',
  args_summary: '',
});
const toolEnd = (call_id: string): EventBody => ({
  type: 'tool_end',
  call_id,
  name: 'echo',
  status: 'ok',
  ms: 1,
  result_summary: 'short',
});

/** A whole run as the loop writes it: per turn a text, then parallel calls in journal and log. */
interface Step {
  bodies: EventBody[];
  journal: Map<string, JournaledCall>;
}
const turns = fc.array(
  fc.record({
    text: fc.constantFrom('', 'Let me see.', 'One moment,'),
    calls: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 4 },
);

/** Every durable write in order; a crash is a prefix of it. */
function writes(run: readonly { text: string; calls: number }[]): ((state: Step) => void)[] {
  const all: ((state: Step) => void)[] = [];
  let said = false;
  run.forEach(({ text, calls }, index) => {
    const step = index + 1;
    const ids = Array.from({ length: calls }, (_, n) => `c${step}_${n}`);
    if (text) {
      const gap = said ? '\n\n' : '';
      all.push((state) => void state.bodies.push(content(gap + text)));
      said = true;
    }
    ids.forEach((id, position) =>
      all.push((state) => void state.journal.set(id, record(id, step, { position }))),
    );
    ids.forEach((id) => all.push((state) => void state.bodies.push(toolStart(id))));
    ids.toReversed().forEach((id) => {
      const position = ids.indexOf(id);
      const ended = record(id, step, { position, status: 'ok', result: `result ${id}`, ms: 5 });
      all.push((state) => void state.journal.set(id, ended));
      all.push((state) => void state.bodies.push(toolEnd(id)));
    });
  });
  return all;
}

function crashAfter(run: readonly { text: string; calls: number }[], count: number): Step {
  const state: Step = { bodies: [], journal: new Map() };
  for (const write of writes(run).slice(0, count)) write(state);
  return state;
}

describe('reconstructing a run', () => {
  it('starts at the beginning without earlier events', () => {
    expect(rebuildTranscript([], [])).toEqual({ turns: [], partial: '', text: '', toolCalls: 0 });
  });

  it('restores every turn if all calls ended', () => {
    fc.assert(
      fc.property(turns, (run) => {
        const { bodies, journal } = crashAfter(run, Infinity);
        const work = rebuildTranscript(asLog(bodies), [...journal.values()]);
        const seen = work.turns.map(({ text, calls }) => ({ text, calls: calls.length }));
        expect(seen).toEqual(run);
        const calls = work.turns.flatMap((turn) => turn.calls);
        expect(
          calls.every((call) => call.state === 'done' && call.result?.text === `result ${call.call.id}`),
        ).toBe(true);
      }),
    );
  });

  it('loses nothing and invents nothing wherever the crash was', () => {
    fc.assert(
      fc.property(turns, fc.nat(60), (run, count) => {
        const { bodies, journal } = crashAfter(run, count);
        const work = rebuildTranscript(asLog(bodies), [...journal.values()]);
        const text = bodies.map((body) => (body.type === 'content' ? body.md : '')).join('');
        expect(work.text).toBe(text);
        const pieces = [...work.turns.map((turn) => turn.text), work.partial].filter(Boolean);
        expect(pieces.join('\n\n')).toBe(text);
        expect(work.turns.flatMap((turn) => turn.calls.map(({ call }) => call.id)).sort()).toEqual(
          [...journal.keys()].sort(),
        );
        expect(work.toolCalls).toBe(bodies.filter((body) => body.type === 'tool_start').length);
      }),
    );
  });

  it('distinguishes what ended, what was running and what had not started', () => {
    fc.assert(
      fc.property(turns, fc.nat(60), (run, count) => {
        const { bodies, journal } = crashAfter(run, count);
        const work = rebuildTranscript(asLog(bodies), [...journal.values()]);
        for (const { call, state } of work.turns.flatMap((turn) => turn.calls)) {
          const has = (type: string) =>
            bodies.some((body) => body.type === type && 'call_id' in body && body.call_id === call.id);
          const ended = journal.get(call.id)?.status === 'ok';
          const expected = has('tool_end')
            ? 'done'
            : ended
              ? 'unannounced'
              : has('tool_start')
                ? 'interrupted'
                : 'waiting';
          expect(state).toBe(expected);
        }
      }),
    );
  });

  it('puts text after the last call into the turn that was interrupted', () => {
    const log = asLog([
      content('Looking.'),
      toolStart('a'),
      toolEnd('a'),
      content('\n\nThe ans'),
      content('wer'),
    ]);
    const work = rebuildTranscript(log, [record('a', 1, { status: 'ok', result: 'r' })]);
    expect(work.partial).toBe('The answer');
    expect(work.turns[0]).toMatchObject({ step: 1, text: 'Looking.' });
  });

  it('copes with a call whose record was lost', () => {
    const work = rebuildTranscript(asLog([toolStart('a'), toolEnd('a'), toolStart('b')]), []);
    const [first, second] = work.turns[0]!.calls;
    expect(first).toMatchObject({ state: 'done', result: { text: 'short' } });
    expect(second).toMatchObject({ state: 'interrupted', call: { arguments: '{}' } });
  });

  it('ignores a call recorded by a worker that had already lost the run', () => {
    const journal = [record('old', 1), record('a', 2, { status: 'ok', result: 'r' })];
    const work = rebuildTranscript(asLog([toolStart('a'), toolEnd('a')]), journal);
    expect(work.turns.map((turn) => turn.step)).toEqual([2]);
  });

  it('runs what the model wanted once if two workers recorded the same turn', () => {
    const at = (ms: number) => ({ started_at: new Date(ms) });
    const journal = [
      record('a', 1, at(5)),
      record('lost', 1, at(9)),
      record('b', 1, { ...at(5), position: 1 }),
    ];
    const ids = (log: StreamEvent[]): string[] =>
      rebuildTranscript(log, journal).turns.flatMap(({ calls }) => calls.map(({ call }) => call.id));
    expect(ids(asLog([toolStart('a')]))).toEqual(['a', 'b']);
    expect(ids([])).toEqual(['lost']); // neither had started: the newest will do
  });

  it('counts a call once that an earlier attempt ran again', () => {
    const log = asLog([
      toolStart('a'),
      { type: 'status', text: 'Running echo again' },
      toolStart('a'),
      toolEnd('a'),
    ]);
    expect(rebuildTranscript(log, [record('a', 1, { status: 'ok', result: 'r' })]).toolCalls).toBe(1);
  });
});
