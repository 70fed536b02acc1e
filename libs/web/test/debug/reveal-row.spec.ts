import fc from 'fast-check';
import { revealRow } from '../../src/debug/model/reveal-row.js';

describe('bringing a row into view', () => {
  const at = { offset: 1000, view: 200, row: 20 };

  it('leaves a visible row alone', () => {
    expect(revealRow(50, at)).toBeNull();
    expect(revealRow(59, at)).toBeNull();
  });

  it('scrolls no further than needed for a nearby row', () => {
    expect(revealRow(49, at)).toBe(980);
    expect(revealRow(60, at)).toBe(1020);
  });

  it('centres a distant one', () => {
    expect(revealRow(500, at)).toBe(500 * 20 - 90);
    expect(revealRow(0, at)).toBe(0);
  });

  it('always brings it into view', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(20_000), fc.integer({ min: 20, max: 900 }), (place, offset, view) => {
        const to = revealRow(place, { offset, view, row: 20 }) ?? offset;
        expect(place * 20).toBeGreaterThanOrEqual(to);
        expect(place * 20 + 20).toBeLessThanOrEqual(to + view);
      }),
    );
  });
});
