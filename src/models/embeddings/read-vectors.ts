import { asJsonObject } from '../../common/index.js';
import { ModelError } from '../chat-model.js';

/** Models have up to a few thousand dimensions. */
const DIMENSIONS_MAX = 16_384;

/**
 * The vectors in an answer of the embeddings API, in the order of the texts, each of length 1. Servers write them as
 * base64 of little-endian 32-bit floats, or as numbers.
 * @param count how many texts were sent.
 * @throws ModelError if the answer is anything else: a vector that belongs to another text would never be noticed.
 */
export function readVectors(answer: unknown, count: number): Float32Array[] {
  const data = asJsonObject(answer)?.['data'];
  if (!Array.isArray(data)) throw wrong('no list of vectors');
  if (data.length !== count) throw wrong(`${data.length} vectors for ${count} texts`);
  const vectors: Float32Array[] = [];
  for (const [place, item] of data.entries()) {
    const { index = place, embedding } = asJsonObject(item) ?? {};
    if (!isPlace(index, count) || vectors[index]) throw wrong('vectors without an order');
    vectors[index] = normalised(numbersOf(embedding));
  }
  const [first] = vectors;
  if (vectors.some(({ length }) => length !== first?.length)) throw wrong('vectors of different lengths');
  return vectors;
}

const isPlace = (index: unknown, count: number): index is number =>
  Number.isInteger(index) && (index as number) >= 0 && (index as number) < count;

function numbersOf(embedding: unknown): Float32Array {
  if (typeof embedding === 'string') return fromBase64(embedding);
  if (!Array.isArray(embedding) || !embedding.every((one) => typeof one === 'number'))
    throw wrong('a vector that is not numbers');
  return Float32Array.from(embedding);
}

function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0) throw wrong('a vector that is not numbers');
  const numbers = new Float32Array(bytes.length / 4);
  for (let place = 0; place < numbers.length; place++) numbers[place] = bytes.readFloatLE(place * 4);
  return numbers;
}

function normalised(vector: Float32Array): Float32Array {
  if (vector.length === 0 || vector.length > DIMENSIONS_MAX)
    throw wrong(`a vector of ${vector.length} numbers`);
  let square = 0;
  for (const number of vector) square += number * number;
  const length = Math.sqrt(square);
  // NaN and infinity anywhere in it make the length so.
  if (!Number.isFinite(length) || length === 0) throw wrong('a vector without a direction');
  return vector.map((number) => number / length);
}

function wrong(what: string): ModelError {
  const message = `The embeddings endpoint answered with ${what}. Check EMBEDDINGS_BASE_URL and EMBEDDINGS_MODEL.`;
  return new ModelError('model_stream_broken', message, { retryable: true });
}
