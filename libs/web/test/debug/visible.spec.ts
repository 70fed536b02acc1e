import fc from 'fast-check';
import { placeSpans } from '../../src/debug/model/visible.js';

const WINDOW = { from: 100, to: 200 };
const place = (spans: [number, number][], pixels = 100) =>
  placeSpans(
    spans.map(([from, to]) => ({ from, to })),
    WINDOW,
    { pixels },
  ).map(({ left, width }) => [left, width]);

describe('placing spans', () => {
  it('gives per cent of the window, clipped at its edges', () => {
    expect(place([[110, 120]])).toEqual([[10, 10]]);
    expect(place([[50, 120]])).toEqual([[0, 20]]);
    expect(place([[150, 900]])).toEqual([[50, 50]]);
  });

  it('leaves out what is outside', () => {
    expect(place([[10, 90], [210, 300]])).toEqual([]); // prettier-ignore
    expect(place([[0, 1000]])).toEqual([[0, 100]]);
  });

  it('leaves out what would fall into the same pixel as its predecessor, separately for each line', () => {
    const points = Array.from({ length: 1000 }, (_, index) => 100 + index / 10);
    const spans = points.map((at, index) => ({ from: at, to: at, line: index % 2 }));
    const count = (pixels: number): number =>
      placeSpans(spans, WINDOW, { pixels, lineOf: ({ line }) => line }).length;
    expect(count(50)).toBeLessThanOrEqual(102);
    expect(count(50)).toBeGreaterThanOrEqual(50);
    expect(count(100_000)).toBe(1000);
  });

  it('never leaves out what is wider than two pixels', () => {
    const span = fc
      .tuple(fc.integer({ min: 100, max: 190 }), fc.nat(50))
      .map(([from, length]) => ({ from, to: from + length }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 60 }), (spans) => {
        const placed = new Set(placeSpans(spans, WINDOW, { pixels: 100 }).map(({ item }) => item));
        expect(spans.filter(({ from, to }) => to - from >= 2).every((one) => placed.has(one))).toBe(true);
      }),
    );
  });
});
