import { Types } from 'mongoose';
import { dot, inverseLength } from './quantised.js';
import type { PassageVector } from './vector-store.js';

/** A passage, and how near it is: the cosine of the angle, up to 1. */
export interface Nearest {
  passage: string;
  similarity: number;
}

const ID_BYTES = 12;
/** What a block takes beside its numbers. */
const OVERHEAD_BYTES = 500;

/** The vectors of one document's passages, in few objects. */
export class DocumentVectors {
  private readonly ids: Buffer;
  private readonly values: Int8Array;
  private readonly inverses: Float32Array;
  private readonly dimensions: number;

  /** @param vectors of the same length. */
  constructor(vectors: readonly PassageVector[]) {
    this.dimensions = vectors[0]?.values.length ?? 0;
    this.ids = Buffer.alloc(vectors.length * ID_BYTES);
    this.values = new Int8Array(vectors.length * this.dimensions);
    this.inverses = new Float32Array(vectors.length);
    for (const [place, { passage, values }] of vectors.entries()) {
      this.ids.set(passage.id, place * ID_BYTES);
      this.values.set(values, place * this.dimensions);
      this.inverses[place] = inverseLength(values);
    }
  }

  get passages(): number {
    return this.inverses.length;
  }

  /** Memory that they take. */
  get bytes(): number {
    return this.ids.length + this.values.length + this.inverses.byteLength + OVERHEAD_BYTES;
  }

  /** Shows the best list every passage. @param inverse one divided by the length of `query`. */
  compare(query: Int8Array, inverse: number, best: BestList): void {
    for (let place = 0; place < this.passages; place++) {
      const product = dot(query, this.values, place * this.dimensions);
      const similarity = product * inverse * (this.inverses[place] ?? 0);
      if (similarity > 0 && similarity >= best.least) best.add({ passage: this.idAt(place), similarity });
    }
  }

  private idAt(place: number): string {
    return new Types.ObjectId(this.ids.subarray(place * ID_BYTES, (place + 1) * ID_BYTES)).toHexString();
  }
}

/** The best few of many. */
export class BestList {
  private readonly list: Nearest[] = [];

  constructor(private readonly limit: number) {}

  /** What a passage must have at least; and more than 0: nothing is similar that points elsewhere altogether. */
  get least(): number {
    return this.list.length < this.limit ? 0 : (this.list.at(-1)?.similarity ?? 0);
  }

  /** Best first; equal ones in the order of their ids, whatever order they came in. */
  get sorted(): readonly Nearest[] {
    return this.list;
  }

  add(one: Nearest): void {
    const place = this.list.findIndex((other) => isBefore(one, other));
    this.list.splice(place < 0 ? this.list.length : place, 0, one);
    if (this.list.length > this.limit) this.list.pop();
  }
}

const isBefore = (a: Nearest, b: Nearest): boolean =>
  a.similarity > b.similarity || (a.similarity === b.similarity && a.passage < b.passage);
