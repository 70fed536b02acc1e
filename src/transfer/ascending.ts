import { fault } from './parse-line.js';
import type { Line } from './lines.js';
import type { TransferRecord } from './records.js';

/** What begins something in an export of everything. */
export type Beginning = Extract<TransferRecord, { kind: 'user' | 'document' | 'chat' }>;

const KINDS = ['user', 'document', 'chat'] as const;

/**
 * Users, documents, chats; each kind by ascending key. So nothing can be there twice, in however many files, and an
 * export knows where to go on.
 */
export class Ascending {
  private kind = 0;
  private key: Buffer | undefined;

  /** @throws TransferError when the record stands behind one that comes later. */
  take(line: Line, record: Beginning): void {
    const kind = KINDS.indexOf(record.kind);
    const key = keyOf(record);
    if (kind < this.kind) throw fault(line, `a ${record.kind} stands before every ${KINDS[this.kind] ?? ''}`);
    if (kind === this.kind && this.key && Buffer.compare(key, this.key) <= 0)
      throw fault(
        line,
        `this ${record.kind} is there twice, or not in its place: they stand by ascending id`,
      );
    this.kind = kind;
    this.key = key;
  }
}

function keyOf(record: Beginning): Buffer {
  if (record.kind === 'user') return Buffer.from(`${record.user.tenant_id}\0${record.user.user_id}`);
  if (record.kind === 'document') return Buffer.from(record.document.document_id);
  return Buffer.from(record.chat.chat_id);
}
