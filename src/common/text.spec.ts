import fc from 'fast-check';
import { cleanTexts, clip, clipWithMark, head, isCleanText, splitHalf, tail } from './text.js';

/** Texts with characters of two code units, and halves of them. */
const text = fc.array(fc.constantFrom('a', '😀', '\ud83d', '\ude00', '\0')).map((units) => units.join(''));
const whole = fc.array(fc.constantFrom('a', 'é', '😀')).map((units) => units.join(''));
const max = fc.integer({ min: 0, max: 12 });

describe('a text that is cut', () => {
  it('keeps its beginning or end, and every character whole', () => {
    fc.assert(
      fc.property(whole, max, (given, most) => {
        for (const cut of [head(given, most), tail(given, most)]) {
          expect(cut.length).toBeLessThanOrEqual(most);
          expect(cut.length).toBeGreaterThanOrEqual(Math.min(given.length, most) - 1);
          expect(cut.isWellFormed()).toBe(true);
        }
        expect(given.startsWith(head(given, most)) && given.endsWith(tail(given, most))).toBe(true);
      }),
    );
  });

  it('is as it was when it is short enough, and says so when it was not', () => {
    expect([head('a😀', 3), tail('😀a', 3), clip('a😀', 3), clipWithMark('a😀', 3)]).toEqual([
      'a😀',
      '😀a',
      'a😀',
      'a😀',
    ]);
    expect([head('a😀', 2), tail('😀a', 2), clip('a😀b', 3)]).toEqual(['a', 'a', 'a…']);
    expect(clipWithMark('a😀', 2)).toBe('a\n[… the rest was left out: too long]');
  });

  it('in the middle of a character is split before it', () => {
    fc.assert(
      fc.property(whole, max, (given, end) => {
        const piece = given.slice(0, end);
        const [first, half] = splitHalf(piece);
        expect(first + half).toBe(piece);
        expect([first.isWellFormed(), half.length]).toEqual([true, piece.isWellFormed() ? 0 : 1]);
      }),
    );
    expect(splitHalf('\ud83d\ud83d')).toEqual(['\ud83d', '\ud83d']);
  });
});

it('every text in a value is made clean, and all else stays', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(text, fc.integer(), fc.array(text))),
      (value) => {
        const clean = cleanTexts(value);
        expect(Object.keys(clean)).toEqual(Object.keys(value));
        expect(
          Object.values(clean)
            .flat()
            .every((one) => typeof one === 'number' || isCleanText(one)),
        ).toBe(true);
        expect(cleanTexts(clean)).toEqual(clean);
      },
    ),
  );
});
