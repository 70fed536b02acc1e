import { TransferError } from './errors.js';
import { readLines, type Line } from './lines.js';
import { checkHeader, parseLine } from './parse-line.js';
import type { TransferRecord } from './records.js';
import { Sequence } from './sequence.js';

/** A record and where it stands. */
export interface PlacedRecord {
  line: Line;
  record: TransferRecord;
}

/** The records of a file, one at a time. @throws TransferError at the first line that is not as it should be. */
export async function* readExport(file: string): AsyncGenerator<PlacedRecord, void, undefined> {
  const sequence = new Sequence();
  let empty = true;
  for await (const line of readLines(file)) {
    empty = false;
    if (line.number === 1) {
      checkHeader(line);
      continue;
    }
    const record = parseLine(line);
    sequence.take(line, record);
    yield { line, record };
  }
  if (empty) throw new TransferError('The file is empty.');
  sequence.finish();
}
