import { parseEvent } from '@reprise/protocol';
import { isCleanText, isPoisonedKey, isTooDeep, jsonFault } from '../common/index.js';
import { TransferError } from './errors.js';
import type { Line } from './lines.js';
import { HEADER, HEADER_OF_ALL, transferRecord, type TransferRecord } from './records.js';

/** Names that the storage of an event uses itself. */
const RESERVED = ['_id', 'tenant_id'];

const BANNER = /^> \S+ export$/m;

/** Reads the first line. @throws TransferError if it does not belong to an export that this version can read. */
export function readHeader({ text }: Line): 1 | 2 {
  if (text === '' || BANNER.test(text))
    throw new TransferError(
      'This is not an export: it starts with lines written by npm. Export again with --out, or with `npm run --silent`.',
    );
  const header = parseJson({ number: 1, text });
  const { type, v } = (typeof header === 'object' && header ? header : {}) as Record<string, unknown>;
  if (type !== HEADER.type)
    throw new TransferError(`This is not an export: line 1 has no "type": "${HEADER.type}".`);
  if (v !== HEADER.v && v !== HEADER_OF_ALL.v)
    throw new TransferError(`This is an export of version ${JSON.stringify(v)}; this program reads 1 and 2.`);
  return v;
}

/** Reads one line after the header. @throws TransferError that names the line and its fault. */
export function parseLine(line: Line): TransferRecord {
  const value = parseJson(line);
  const bad = unfit(value);
  if (bad) throw fault(line, bad);
  const result = transferRecord.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw fault(line, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
  }
  // Zod has put known fields first; an event stays as it was written, including the order of its fields.
  const record = result.data.kind === 'event' ? (value as typeof result.data) : result.data;
  if (record.kind === 'event') checkEvent(line, record.event);
  return record;
}

/** An error about one line. */
export function fault({ number }: Line, what: string): TransferError {
  return new TransferError(`Line ${number}: ${what}.`);
}

function checkEvent(line: Line, event: unknown): void {
  const parsed = parseEvent(event);
  if (parsed.kind === 'unknown') throw fault(line, `events of type "${parsed.type}" are unknown here`);
  if (parsed.kind === 'invalid') throw fault(line, `not a valid event: ${parsed.reason}`);
  const reserved = RESERVED.find((name) => Object.hasOwn(parsed.event, name));
  if (reserved) throw fault(line, `an event has no field "${reserved}"`);
}

function parseJson(line: Line): unknown {
  try {
    return JSON.parse(line.text);
  } catch {
    throw fault(line, 'not valid JSON');
  }
}

/** What could not be stored unchanged. */
function unfit(root: unknown): string | undefined {
  return jsonFault(root, (member) => {
    const { key, value } = member;
    if (isPoisonedKey(key) || !isCleanText(key ?? '')) return `a key "${key}" is not allowed`;
    if (typeof value === 'string' && !isCleanText(value)) return 'a text contains NUL or a lone surrogate';
    return isTooDeep(member) ? 'nested too deeply' : undefined;
  });
}
