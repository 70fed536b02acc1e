import { fault } from './parse-line.js';
import type { Line } from './lines.js';
import type { TransferRecord } from './records.js';

/** The records that start a section in an export of everything. */
export type Beginning = Extract<TransferRecord, { kind: 'user' | 'document' | 'chat' }>;

const KINDS = ['user', 'document', 'chat'] as const;

/**
 * Users, documents, chats; each kind in ascending order of its key. So nothing can occur twice, in however many files,
 * and an export knows where to continue.
 */
export class Ascending {
  private kind = 0;
  private key: Buffer | undefined;

  /** @throws TransferError if the record comes after one that belongs later. */
  take(line: Line, record: Beginning): void {
    const kind = KINDS.indexOf(record.kind);
    const key = keyOf(record);
    if (kind < this.kind)
      throw fault(line, `a ${record.kind} must come before every ${KINDS[this.kind] ?? ''}`);
    if (kind === this.kind && this.key && Buffer.compare(key, this.key) <= 0)
      throw fault(
        line,
        `this ${record.kind} occurs twice or is out of order: they must be in ascending order of their ids`,
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
