import type { EventBody } from '@reprise/protocol';
import fc from 'fast-check';
import { commonPrefix, firstDivergence, toSteps } from '../../src/debug/model/compare.js';
import { anyRows, content, end, rationale, rowsOf, start, toolEnd, toolStart } from './a-log.js';

type Told = Parameters<typeof rowsOf>;
const compare = (left: Told, right: Told) =>
  firstDivergence(toSteps(rowsOf(...left)), toSteps(rowsOf(...right)));

describe('comparing two runs', () => {
  it('finds no difference between a run and itself', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        expect(firstDivergence(toSteps(rows), toSteps(rows))).toBeNull();
      }),
    );
  });

  it('ignores times, ids, attempts, and how the answer was split', () => {
    const left: Told = [
      [0, start()],
      [5, toolStart('a')],
      [9, toolEnd('a')],
      [10, content('Hello')],
      [11, end()],
    ];
    const right: Told = [
      [0, start(2)],
      [7, toolStart('a')],
      [8, toolEnd('a')],
      [9, content('He')],
      [12, content('llo')],
      [19, end()],
    ];
    expect(compare(left, right)).toBeNull();
  });

  it('ignores the id of a tool call, but not which tool it was', () => {
    const call = (call_id: string, name: string): Told => [[0, { ...toolStart(call_id), name } as EventBody]];
    expect(compare(call('a', 'search'), call('b', 'search'))).toBeNull();
    expect(compare(call('a', 'search'), call('a', 'read'))).toMatchObject({ step: 0 });
  });

  describe('of tools that ran in parallel', () => {
    const run = (...events: EventBody[]): Told => events.map((event, at) => [at, event]);
    const ab = [toolEnd('a'), toolEnd('b')];
    const both = [start(), toolStart('a'), toolStart('b')];

    it('ignores which started or ended first', () => {
      const left = run(...both, ...ab, content('x'), end());
      expect(compare(left, run(...both, ...ab.toReversed(), content('x'), end()))).toBeNull();
      expect(
        compare(left, run(start(), toolStart('b'), toolStart('a'), ...ab, content('x'), end())),
      ).toBeNull();
      const status: EventBody = { type: 'status', text: 'at work' };
      expect(
        compare(run(...both, status, ...ab, end()), run(...both, toolEnd('b'), status, toolEnd('a'), end())),
      ).toBeNull();
    });

    it('notices how one of them ended, and names it', () => {
      const right = run(...both, toolEnd('b', 'error'), toolEnd('a'), content('x'), end());
      expect(compare(run(...both, ...ab, content('x'), end()), right)).toMatchObject({
        left: { type: 'tool_end', from: 4 },
        right: { type: 'tool_end', from: 3 },
      });
    });

    it('notices the order of tools that ran one after the other', () => {
      const [a, b] = [
        [toolStart('a'), toolEnd('a')],
        [toolStart('b'), toolEnd('b')],
      ];
      expect(compare(run(start(), ...a, ...b), run(start(), ...b, ...a))).toMatchObject({ step: 1 });
    });

    it('keeps a call that never ended', () => {
      const left = run(...both, toolEnd('b'), end('error'));
      expect(compare(left, left)).toBeNull();
      expect(compare(left, run(...both, ...ab, end('error')))).not.toBeNull();
    });
  });

  it('names the first step that differs, and its rows', () => {
    const left: Told = [
      [0, start()],
      [1, content('a')],
      [2, content('b')],
      [3, end()],
    ];
    const right: Told = [
      [0, start()],
      [1, rationale('hm')],
      [2, content('ab')],
      [3, end()],
    ];
    expect(compare(left, right)).toMatchObject({
      step: 1,
      left: { type: 'content', text: 'ab', from: 1, to: 2 },
      right: { type: 'rationale', from: 1, to: 1 },
    });
  });

  it('notices that one continued longer', () => {
    const left: Told = [
      [0, start()],
      [1, content('a')],
    ];
    expect(compare(left, [...left, [2, end()]])).toMatchObject({
      step: 2,
      left: null,
      right: { type: 'end' },
    });
    expect(compare([[0, end()]], [[0, end('cancelled')]])).toMatchObject({ step: 0 });
  });

  it('measures the common beginning of two answers, in whole characters', () => {
    expect(commonPrefix('abc', 'abd')).toBe(2);
    expect(commonPrefix('abc', 'abc')).toBe(3);
    expect(commonPrefix('', 'x')).toBe(0);
    expect(commonPrefix('a😀', 'a😁')).toBe(1);
  });
});
