import { initialState, reduce } from '@reprise/client';
import fc from 'fast-check';
import { Checkpoints } from '../../src/debug/model/checkpoints.js';
import { extendRows } from '../../src/debug/model/rows.js';
import { anyEvents, anyRows, content, eventAt } from './a-log.js';

const every = fc.integer({ min: 1, max: 9 });

describe('checkpoints', () => {
  it('give the state that reducing all events up to there gives, in any order of requests', () => {
    fc.assert(
      fc.property(anyRows, every, fc.array(fc.nat(130), { maxLength: 40 }), (rows, n, asked) => {
        const checkpoints = new Checkpoints(n);
        checkpoints.extend(rows);
        for (const index of asked) {
          const folded = rows
            .slice(0, index + 1)
            .reduce((state, { event }) => reduce(state, event), initialState);
          expect(checkpoints.at(index)).toEqual(folded);
        }
      }),
    );
  });

  it('need fewer reductions than the distance between two of them', () => {
    fc.assert(
      fc.property(anyRows, every, fc.array(fc.nat(130), { maxLength: 40 }), (rows, n, asked) => {
        const checkpoints = new Checkpoints(n);
        checkpoints.extend(rows);
        for (const index of asked) {
          const before = checkpoints.reductions;
          checkpoints.at(index);
          expect(checkpoints.reductions - before).toBeLessThan(Math.max(n, 1));
        }
      }),
    );
  });

  it('grow with the log', () => {
    fc.assert(
      fc.property(anyEvents, every, fc.nat(120), fc.nat(120), (events, n, cut, index) => {
        const grown = new Checkpoints(n);
        const some = extendRows([], events.slice(0, cut));
        grown.extend(some);
        grown.at(index);
        grown.extend(extendRows(some, events.slice(cut)));
        const whole = new Checkpoints(n);
        whole.extend(extendRows([], events));
        expect(grown.at(index)).toEqual(whole.at(index));
        expect(grown.reductions).toBeLessThanOrEqual(events.length + n);
      }),
    );
  });

  it('are empty before the first event', () => {
    const checkpoints = new Checkpoints();
    expect(checkpoints.at(-1)).toBe(initialState);
    checkpoints.extend(extendRows([], [eventAt(0, 0, content('a'))]));
    expect(checkpoints.at(-1)).toBe(initialState);
    expect(checkpoints.at(99).content).toBe('a');
  });
});
