import fc from 'fast-check';
import { toJsonLines } from '../../src/debug/model/json-lines.js';
import { extendRows, indexAt } from '../../src/debug/model/rows.js';
import { endsSilence, findGaps, findSilences } from '../../src/debug/model/silences.js';
import { anyEvents, content, end, eventAt, rowsOf, start } from './a-log.js';

describe('rows', () => {
  it('say when an event happened, and how long after the previous one', () => {
    const rows = rowsOf([0, start()], [40, content('a')], [1300, end()]);
    expect(rows.map(({ seq, offset, delta }) => [seq, offset, delta])).toEqual([
      [0, 0, 0],
      [1, 40, 40],
      [2, 1300, 1260],
    ]);
  });

  it("never go backwards when a second worker's clock does", () => {
    const rows = rowsOf([0, start()], [500, content('a')], [300, content('b')], [600, end()]);
    expect(rows.map(({ offset }) => offset)).toEqual([0, 500, 500, 600]);
    expect(rows.map(({ delta }) => delta)).toEqual([0, 500, 0, 100]);
  });

  it('count bytes, not characters', () => {
    const [row] = rowsOf([0, content('æ€😀')]);
    expect(row?.bytes).toBe(Buffer.byteLength(row?.json ?? ''));
    expect(row?.bytes).toBeGreaterThan(row?.json.length ?? 0);
  });

  it('say how many events are missing before one', () => {
    const events = [eventAt(0, 0, start()), eventAt(1, 1, content('a')), eventAt(2, 5, content('b'))];
    const rows = extendRows([], events);
    expect(findGaps(rows)).toEqual([{ index: 2, at: 2, missing: 3 }]);
    expect(findGaps(extendRows([], events.slice(2)))).toEqual([{ index: 0, at: 0, missing: 5 }]);
  });

  it('stay the same objects when a log grows', () => {
    fc.assert(
      fc.property(anyEvents, fc.nat(120), (events, cut) => {
        const before = extendRows([], events.slice(0, cut));
        const after = extendRows(before, events.slice(cut));
        expect(after).toEqual(extendRows([], events));
        expect(before.every((row, index) => after[index] === row)).toBe(true);
      }),
    );
  });

  it('survive an event whose time and id cannot be read', () => {
    const odd = { ...eventAt(0, 0, content('a')), id: 'x', ts: 'y' };
    const [row] = extendRows([], [odd]);
    expect(row).toMatchObject({ seq: NaN, offset: 0, missing: 0 });
  });
});

describe('the row at a time', () => {
  it('is the last one that has happened', () => {
    const sorted = fc.array(fc.nat(1000), { maxLength: 50 }).map((times) => times.sort((a, b) => a - b));
    fc.assert(
      fc.property(sorted, fc.integer({ min: -5, max: 1005 }), (offsets, at) => {
        expect(indexAt(offsets, at)).toBe(offsets.filter((offset) => offset <= at).length - 1);
      }),
    );
  });
});

describe('silences', () => {
  it('are those as long as the threshold, or longer', () => {
    const rows = rowsOf([0, start()], [999, content('a')], [1999, content('b')], [9000, end()]);
    expect(findSilences(rows, 1000)).toEqual([
      { from: 999, to: 1999, index: 2 },
      { from: 1999, to: 9000, index: 3 },
    ]);
    expect(rows.map((row) => endsSilence(row, 5000))).toEqual([false, false, false, true]);
  });
});

describe('JSON Lines', () => {
  it('contain each event on its own line, unchanged', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const text = toJsonLines(extendRows([], events));
        const lines = text.split('\n');
        expect(lines.pop()).toBe('');
        expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events);
      }),
    );
  });
});
