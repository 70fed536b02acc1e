import fc from 'fast-check';
import { Types } from 'mongoose';
import { BestList, DocumentVectors } from './document-vectors.js';
import { dot, inverseLength, quantise } from './quantised.js';

const component = fc.float({ min: -1, max: 1, noNaN: true });
const vectors = fc
  .integer({ min: 1, max: 70 })
  .chain((length) =>
    fc.array(fc.array(component, { minLength: length, maxLength: length }), { minLength: 2, maxLength: 30 }),
  )
  .filter((all) => all.every((one) => Math.hypot(...one) > 0.1));

const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, number, place) => sum + number * (b[place] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));

it('a vector in bytes has nearly the direction of the one it was made of', () => {
  fc.assert(
    fc.property(vectors, ([a = [], b = []]) => {
      const [x, y] = [a, b].map((one) => quantise(Float32Array.from(one)));
      const found = dot(x!, y!, 0) * inverseLength(x!) * inverseLength(y!);
      expect(Math.abs(found - cosine(a, b))).toBeLessThan(0.02);
    }),
  );
});

it('the inner product is exact, wherever the vector begins in its block', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -127, max: 127 }), { minLength: 1, maxLength: 200 }),
      fc.nat({ max: 50 }),
      (numbers, from) => {
        const vector = Int8Array.from(numbers);
        const block = new Int8Array(from + numbers.length).fill(99);
        block.set(vector, from);
        expect(dot(vector, block, from)).toBe(numbers.reduce((sum, number) => sum + number * number, 0));
      },
    ),
  );
});

it('the best are those of a whole sort, in the same order, whatever order the documents come in', () => {
  fc.assert(
    fc.property(vectors, fc.integer({ min: 1, max: 8 }), ([query = [], ...others], limit) => {
      const numbers = quantise(Float32Array.from(query));
      const document = new Types.ObjectId();
      const all = others.map((one) => ({
        passage: new Types.ObjectId(),
        document,
        values: quantise(Float32Array.from(one)),
      }));
      const best = (given: typeof all): unknown => {
        const list = new BestList(limit);
        for (let from = 0; from < given.length; from += 3)
          new DocumentVectors(given.slice(from, from + 3)).compare(numbers, inverseLength(numbers), list);
        return list.sorted;
      };
      const right = all
        .map(({ passage, values }) => ({
          passage: passage.toHexString(),
          similarity: dot(numbers, values, 0) * inverseLength(numbers) * Math.fround(inverseLength(values)),
        }))
        .filter(({ similarity }) => similarity > 0)
        .sort((a, b) => b.similarity - a.similarity || (a.passage < b.passage ? -1 : 1))
        .slice(0, limit);
      expect(best(all)).toEqual(right);
      expect(best([...all].reverse())).toEqual(right);
    }),
  );
});
