import type { EventBody } from '@reprise/protocol';
import fc from 'fast-check';
import { packTools } from '../../src/debug/model/pack.js';
import { extendRows } from '../../src/debug/model/rows.js';
import { attemptBegunBy, toWaterfall } from '../../src/debug/model/waterfall.js';
import {
  anyRows,
  asks,
  content,
  decides,
  end,
  eventAt,
  rationale,
  rowsOf,
  start,
  status,
  toolEnd,
  toolStart,
} from './a-log.js';

const TAKEN_OVER: EventBody = { type: 'status', text: 'Whatever the server says', attempt: 2 };
type Told = Parameters<typeof rowsOf>;
const fall = (...told: Told) => toWaterfall(rowsOf(...told));

describe('the waterfall', () => {
  it('has the model at work before, between and after tools', () => {
    const { turns, tools } = fall(
      [0, start()],
      [100, rationale('hm')],
      [150, toolStart('a')],
      [400, toolEnd('a')],
      [600, content('He')],
      [650, content('llo')],
      [700, end()],
    );
    expect(turns).toMatchObject([
      { number: 1, from: 0, to: 150, firstOutput: 100, characters: 0, events: 1, index: 0 },
      { number: 2, from: 400, to: 700, firstOutput: 600, characters: 5, events: 2, index: 3 },
    ]);
    expect(tools).toMatchObject([
      { callId: 'a', from: 150, to: 400, status: 'ok', ms: 7, index: 2, endIndex: 3, line: 0 },
    ]);
  });

  it('keeps a turn that only called tools, and none that took no time and said nothing', () => {
    const { turns } = fall(
      [0, start()],
      [0, toolStart('a')],
      [10, toolEnd('a')],
      [30, toolStart('b')],
      [40, toolEnd('b')],
      [40, end()],
    );
    expect(turns).toMatchObject([{ number: 1, from: 10, to: 30, firstOutput: null }]);
  });

  it('stacks parallel tools, and the model waits for the last of them', () => {
    const { turns, tools, toolLines } = fall(
      [0, start()],
      [10, toolStart('a')],
      [12, toolStart('b')],
      [20, toolEnd('a')],
      [50, toolEnd('b', 'error')],
      [80, toolStart('c')],
      [90, toolEnd('c')],
      [99, end()],
    );
    expect(tools.map(({ line, status }) => [line, status])).toEqual([
      [0, 'ok'],
      [1, 'error'],
      [0, 'ok'],
    ]);
    expect(toolLines).toBe(2);
    expect(turns.map(({ from, to }) => [from, to])).toEqual([
      [0, 10],
      [50, 80],
      [90, 99],
    ]);
  });

  it('draws a call below the call that made it', () => {
    const { tools } = fall(
      [0, start()],
      [10, toolStart('a')],
      [20, toolStart('b', 'a')],
      [25, toolStart('c', 'b')],
      [30, toolEnd('c')],
      [31, toolStart('d', 'a')],
      [35, toolEnd('d')],
      [40, toolEnd('b')],
      [50, toolEnd('a')],
    );
    expect(tools.map(({ callId, line, depth }) => [callId, line, depth])).toEqual([
      ['a', 0, 0],
      ['b', 1, 1],
      ['c', 2, 2],
      ['d', 2, 1],
    ]);
  });

  it('shows the seam where another worker took over, and the turn that was lost', () => {
    const { attempts, turns, marks } = fall(
      [0, start()],
      [50, content('Hel')],
      [5000, TAKEN_OVER],
      [5100, content('lo')],
      [5200, end()],
    );
    expect(attempts).toEqual([
      { attempt: 1, from: 0, to: 50, index: 0 },
      { attempt: 2, from: 5000, to: 5200, index: 2 },
    ]);
    expect(turns.map(({ from, to, isInterrupted }) => [from, to, isInterrupted])).toEqual([
      [0, 50, true],
      [5000, 5200, false],
    ]);
    expect(marks).toEqual([{ kind: 'status', at: 5000, index: 2 }]);
  });

  it('keeps a tool across the seam, since it is one call', () => {
    const { tools, turns } = fall(
      [0, start()],
      [10, toolStart('a')],
      [900, TAKEN_OVER],
      [950, toolEnd('a', 'error')],
      [990, content('x')],
      [999, end()],
    );
    expect(tools).toMatchObject([{ from: 10, to: 950, status: 'error' }]);
    expect(turns.map(({ from, to }) => [from, to])).toEqual([
      [0, 10],
      [950, 999],
    ]);
  });

  it('reads an attempt from `start` as well', () => {
    const [row] = rowsOf([0, start(3)]);
    expect(row && attemptBegunBy(row.event)).toBe(3);
    const [other] = rowsOf([0, status('Continuing')]);
    expect(other && attemptBegunBy(other.event)).toBeNull();
  });

  it('shows the time a person took to decide, in which the model does nothing', () => {
    const told: Told = [
      [0, start()],
      [10, asks('a')],
      [500, decides('a', 'approve')],
      [505, toolStart('a')],
      [520, toolEnd('a')],
      [530, asks('b')],
      [600, decides('b', 'reject')],
      [640, content('x')],
      [700, end()],
    ];
    const { waits, turns } = fall(...told);
    expect(waits.map(({ from, to, decision }) => [from, to, decision])).toEqual([
      [10, 500, 'approve'],
      [530, 600, 'reject'],
    ]);
    expect(turns.map(({ from, to }) => [from, to])).toEqual([
      [0, 10],
      [520, 530],
      [600, 700],
    ]);
  });

  it('ends what was open when the run ends, and leaves it running while the run is active', () => {
    const open: Told = [
      [0, start()],
      [10, toolStart('a')],
      [20, asks('b')],
    ];
    expect(fall(...open, [90, end('cancelled')])).toMatchObject({
      hasEnded: true,
      tools: [{ status: 'stopped', to: 90 }],
      waits: [{ to: 90, decision: null }],
    });
    expect(fall(...open, [60, status('…')])).toMatchObject({
      hasEnded: false,
      tools: [{ status: 'running', to: 60 }],
    });
  });

  it('marks what it does not know, and the end of a call whose start is missing', () => {
    const strange = { ...eventAt(5, 1, status('')), type: 'weather', sky: 'blue' } as never;
    const rows = extendRows([], [eventAt(0, 0, start()), strange, eventAt(9, 2, toolEnd('z'))]);
    const { marks, tools } = toWaterfall(rows);
    expect(marks).toEqual([{ kind: 'other', at: 5, index: 1 }]);
    expect(tools).toMatchObject([{ callId: 'z', from: 9, to: 9, status: 'ok' }]);
  });

  it('stays within the run, in order, whatever the log says', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const { duration, turns, tools, waits, attempts } = toWaterfall(rows);
        for (const { from, to } of [...turns, ...tools, ...waits, ...attempts]) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeGreaterThanOrEqual(from);
          expect(to).toBeLessThanOrEqual(duration);
        }
        expect(turns.map(({ number }) => number)).toEqual(turns.map((_, index) => index + 1));
      }),
    );
  });
});

describe('packing', () => {
  const bar = (callId: string, from: number, to: number) => ({ callId, parentCallId: null, from, to });

  it('lets a bar start where another ends, and stacks two at the same moment', () => {
    const { tools } = packTools([bar('a', 0, 10), bar('b', 10, 10), bar('c', 10, 10), bar('d', 10, 20)]);
    expect(tools.map(({ line }) => line)).toEqual([0, 0, 1, 2]);
  });

  const spans = fc
    .array(fc.tuple(fc.nat(100), fc.nat(30)), { maxLength: 30 })
    .map((pairs) => pairs.sort(([a], [b]) => a - b))
    .map((pairs) =>
      pairs.map(([from, length], index) => ({
        callId: String(index),
        parentCallId: index % 3 === 2 ? String(index - 1) : null,
        from,
        to: from + length,
      })),
    );

  it('never draws one bar over another, and every call below its parent', () => {
    fc.assert(
      fc.property(spans, (bars) => {
        const { tools, lines } = packTools(bars);
        for (const [index, bar] of tools.entries()) {
          expect(bar.line).toBeLessThan(lines);
          const parent = tools.find(({ callId }) => callId === bar.parentCallId);
          if (parent) expect(bar.line).toBeGreaterThan(parent.line);
          for (const other of tools.slice(0, index))
            if (other.line === bar.line) expect(other.to).toBeLessThanOrEqual(bar.from);
        }
      }),
    );
  });
});
