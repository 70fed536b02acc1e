/** The fields of one protobuf message by number; those that repeat in order. Nested messages are bytes. */
export type Fields = Map<number, (Buffer | bigint | number)[]>;

/** Reads one message of the wire format: enough for the messages that are received here. */
export function readMessage(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, wire] = [tag >> 3, tag & 7];
    const values = fields.get(number) ?? [];
    fields.set(number, values);
    if (wire === 0) values.push(varint());
    else if (wire === 1) values.push(bytes.subarray(at, (at += 8)));
    else if (wire === 2) {
      const size = Number(varint());
      values.push(bytes.subarray(at, (at += size)));
    } else if (wire === 5) values.push(bytes.subarray(at, (at += 4)));
    else throw new Error(`Unknown wire type ${wire}`);
  }
  return fields;
}

/** The nested messages of a field. */
export const messagesIn = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map((bytes) => readMessage(bytes as Buffer));

/** A field of bytes; empty if it is missing. */
export const bytesIn = (fields: Fields, number: number): Buffer =>
  (fields.get(number)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);

/** A text field; empty if it is missing. */
export const textIn = (fields: Fields, number: number): string => bytesIn(fields, number).toString();

/** A number; 0 if it is missing. */
export const numberIn = (fields: Fields, number: number): number => Number(fields.get(number)?.[0] ?? 0);
