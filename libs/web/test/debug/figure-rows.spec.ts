import { figureRows } from '../../src/debug/model/figure-rows.js';
import { toFigures, type Figures } from '../../src/debug/model/figures.js';
import { toWaterfall } from '../../src/debug/model/waterfall.js';
import { content, end, rowsOf, start } from './a-log.js';

const figuresOf = (...told: Parameters<typeof rowsOf>): Figures => {
  const rows = rowsOf(...told);
  return toFigures(rows, toWaterfall(rows));
};

const compare = (left: Figures, right: Figures) =>
  new Map(figureRows(left, right).map(({ label, ...row }) => [label, row]));

describe('the figures of two runs', () => {
  const slow = figuresOf([0, start()], [1000, content('abcd')], [2000, end()]);
  const fast = figuresOf([0, start()], [100, content('ab')], [1000, end()]);

  it('say how much more or less it was, and whether that is better', () => {
    const rows = compare(slow, fast);
    expect(rows.get('Duration')).toEqual({
      left: '2.00 s',
      right: '1.00 s',
      change: '−50 %',
      isBetter: true,
    });
    expect(rows.get('First content')).toMatchObject({ change: '−90 %', isBetter: true });
    expect(rows.get('Answer')).toMatchObject({ left: '4 chars', right: '2 chars', isBetter: null });
    expect(rows.get('Events')).toMatchObject({ change: '=', isBetter: null });
    expect(compare(fast, slow).get('Duration')).toMatchObject({ change: '+100 %', isBetter: false });
    expect(compare(fast, slow).get('First content')).toMatchObject({ change: '+900 %' });
  });

  it('say nothing about what one of them lacks', () => {
    const silent = figuresOf([0, start()], [10, end()]);
    expect(compare(slow, silent).get('First content')).toEqual({
      left: '1.00 s',
      right: '—',
      change: '',
      isBetter: null,
    });
    expect(compare(silent, slow).get('Answer')).toMatchObject({ change: '' });
  });

  it('show large differences as multiples', () => {
    expect(compare({ ...slow, duration: 10 }, { ...slow, duration: 500 }).get('Duration')).toMatchObject({
      change: '×50',
    });
  });
});
