import { covered, toFigures } from '../../src/debug/model/figures.js';
import { toWaterfall } from '../../src/debug/model/waterfall.js';
import { content, end, rowsOf, start, toolEnd, toolStart, USAGE } from './a-log.js';

const figuresOf = (...told: Parameters<typeof rowsOf>) => {
  const rows = rowsOf(...told);
  return toFigures(rows, toWaterfall(rows));
};

describe('figures', () => {
  it('measure a run', () => {
    const figures = figuresOf(
      [0, start()],
      [100, toolStart('a')],
      [150, toolStart('b')],
      [300, toolEnd('a', 'error')],
      [400, toolEnd('b')],
      [1500, content('Hi')],
      [1990, content('!')],
      [2000, end()],
    );
    expect(figures).toMatchObject({
      events: 8,
      duration: 2000,
      firstContent: 1500,
      characters: 3,
      tools: 2,
      failedTools: 1,
      toolTime: 300,
      modelTime: 1700,
      turns: 2,
      attempts: 1,
      longestSilence: { from: 400, to: 1500, index: 5 },
      rate: 4,
      usage: USAGE,
      status: 'completed',
      missing: 0,
    });
  });

  it('leave out what a log does not say', () => {
    expect(figuresOf()).toMatchObject({
      events: 0,
      firstContent: null,
      longestSilence: null,
      rate: null,
      usage: null,
    });
    expect(figuresOf([0, start()])).toMatchObject({
      events: 1,
      rate: null,
      status: null,
      longestSilence: null,
    });
  });

  it('count time that spans share only once', () => {
    const spans = [
      { from: 0, to: 10 },
      { from: 5, to: 8 },
      { from: 9, to: 20 },
      { from: 30, to: 31 },
    ];
    expect(covered(spans)).toBe(21);
    expect(covered([])).toBe(0);
  });
});
