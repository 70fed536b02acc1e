/** A value of a GGUF file's head. */
export type GgufValue = string | boolean | number | { float: number } | readonly string[] | readonly number[];

/** A matrix of 32-bit floats, row by row: `columns` values each. A vector has one row. */
export interface Tensor {
  readonly name: string;
  readonly columns: number;
  readonly values: Float32Array;
}

const VERSION = 3;
const ALIGNMENT = 32;
const TYPE = { uint32: 4, int32: 5, float32: 6, boolean: 7, string: 8, array: 9 } as const;
const F32 = 0;

/** A whole GGUF file (the format of llama.cpp): its head, where each tensor lies, the tensors. */
export function encodeGguf(head: Readonly<Record<string, GgufValue>>, tensors: readonly Tensor[]): Buffer {
  const entries = Object.entries(head);
  let offset = 0;
  const places = tensors.map(({ name, columns, values }) => {
    const place = Buffer.concat([text(name), ...shape(columns, values.length / columns), uint64(offset)]);
    offset += aligned(values.byteLength);
    return place;
  });
  const start = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(VERSION),
    uint64(tensors.length),
    uint64(entries.length),
    ...entries.flatMap(([key, value]) => [text(key), typed(value)]),
    ...places,
  ]);
  return Buffer.concat([
    padded(start),
    ...tensors.map(({ values }) => padded(Buffer.from(values.buffer, values.byteOffset, values.byteLength))),
  ]);
}

/** Dimensions, the fastest one first, and the type of the values. */
function shape(columns: number, rows: number): Buffer[] {
  const dimensions = rows === 1 ? [columns] : [columns, rows];
  return [uint32(dimensions.length), ...dimensions.map(uint64), uint32(F32)];
}

function typed(value: GgufValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([uint32(TYPE.string), text(value)]);
  if (typeof value === 'boolean') return Buffer.concat([uint32(TYPE.boolean), Buffer.from([Number(value)])]);
  if (typeof value === 'number') return Buffer.concat([uint32(TYPE.uint32), uint32(value)]);
  if ('float' in value) return Buffer.concat([uint32(TYPE.float32), float32(value.float)]);
  const items = value.map((item) =>
    typeof item === 'string' ? ([TYPE.string, text(item)] as const) : ([TYPE.int32, uint32(item)] as const),
  );
  const itemType = items[0]?.[0] ?? TYPE.string;
  const content = items.map(([, bytes]) => bytes);
  return Buffer.concat([uint32(TYPE.array), uint32(itemType), uint64(items.length), ...content]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);
}
