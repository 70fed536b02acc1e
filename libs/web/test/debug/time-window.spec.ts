import fc from 'fast-check';
import { formatBytes, formatClock, formatSpan, formatRate } from '../../src/debug/model/format.js';
import {
  density,
  fitInto,
  reveal,
  ticks,
  toPercent,
  toTime,
  wholeRun,
  zoomAt,
} from '../../src/debug/model/time-window.js';

const time = fc.integer({ min: -5000, max: 50_000 });

describe('the time window', () => {
  it('stays within the run, however it is moved or zoomed', () => {
    fc.assert(
      fc.property(fc.nat(20_000), time, time, (duration, a, b) => {
        const whole = wholeRun(duration);
        const { from, to } = fitInto({ from: Math.min(a, b), to: Math.max(a, b) }, whole);
        expect(from).toBeGreaterThanOrEqual(whole.from);
        expect(to).toBeLessThanOrEqual(whole.to + 1e-6);
        expect(to).toBeGreaterThan(from);
      }),
    );
  });

  it('zooms around a fixed point', () => {
    const before = { from: 100, to: 300 };
    const after = zoomAt(before, 150, 0.5);
    expect(after).toEqual({ from: 125, to: 225 });
    expect(toPercent(after, 150)).toBe(toPercent(before, 150));
  });

  it('converts times to positions and back', () => {
    const window = { from: 100, to: 300 };
    expect(toPercent(window, 150)).toBe(25);
    expect(toTime(window, 0.25)).toBe(150);
  });

  it('moves only to show what is outside', () => {
    const window = { from: 100, to: 300 };
    expect(reveal(window, 300)).toBe(window);
    expect(reveal(window, 500)).toEqual({ from: 400, to: 600 });
  });

  it('puts few, round lines on the ruler', () => {
    expect(ticks({ from: 0, to: 1000 }, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(ticks({ from: 30, to: 95 }, 4)).toEqual([40, 60, 80]);
    expect(ticks({ from: 0, to: 180_000 }, 4)).toEqual([0, 60_000, 120_000, 180_000]);
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.integer({ min: 5, max: 10_000_000 }), (from, span) => {
        const lines = ticks({ from, to: from + span }, 8);
        expect(lines.length).toBeLessThanOrEqual(9);
        expect(lines.every((at) => at >= from && at <= from + span)).toBe(true);
      }),
    );
  });

  it('counts events by position', () => {
    expect([...density([0, 1, 5, 9, 10, 20], { from: 0, to: 10 }, 2)]).toEqual([2, 2]);
  });
});

describe('figures for people', () => {
  it('are short', () => {
    expect([0, 999.4, 1000, 9994, 9996, 59_990, 59_999, 125_000, 3_725_000].map(formatSpan)).toEqual([
      '0 ms',
      '999 ms',
      '1.00 s',
      '9.99 s',
      '10.0 s',
      '60.0 s',
      '1 min 00 s',
      '2 min 05 s',
      '1 h 02 min',
    ]);
    expect([5, 61_002, 3_600_000].map(formatClock)).toEqual(['00:00.005', '01:01.002', '1:00:00.000']);
    expect([12, 3400, 12_000, 999_600, 2_500_000].map(formatBytes)).toEqual([
      '12 B',
      '3.4 kB',
      '12 kB',
      '1.0 MB',
      '2.5 MB',
    ]);
    expect([1.25, 1234.4].map(formatRate)).toEqual(['1.3/s', '1,234/s']);
  });
});
