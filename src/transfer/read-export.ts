import { Ascending } from './ascending.js';
import { TransferError } from './errors.js';
import { readLines, type Line } from './lines.js';
import { parseLine, readHeader } from './parse-line.js';
import type { TransferRecord } from './records.js';
import { Sequence } from './sequence.js';

/** A record and its position. */
export interface PlacedRecord {
  line: Line;
  record: TransferRecord;
  /** Of the file. */
  version: 1 | 2;
}

/** Some bytes of a file were read. */
export type OnBytes = (bytes: number) => void;

/**
 * The records of a file, one at a time.
 * @param order of the files that are read together.
 * @throws TransferError at the first invalid line.
 */
export async function* readExport(
  file: string,
  order: Ascending,
  onBytes: OnBytes,
): AsyncGenerator<PlacedRecord, void, undefined> {
  let sequence: Sequence | undefined;
  let version: 1 | 2 = 1;
  for await (const line of readLines(file, onBytes)) {
    if (!sequence) {
      version = readHeader(line);
      sequence = new Sequence(version, order);
      continue;
    }
    const record = parseLine(line);
    sequence.take(line, record);
    yield { line, record, version };
  }
  if (!sequence) throw new TransferError('The file is empty.');
  sequence.finish();
}
