import { Injectable } from '@nestjs/common';
import { Types } from 'mongoose';
import { titleKeys, type TenantId } from '../common/index.js';
import { SEARCH_VERSION, type DocumentRecord } from './document.schema.js';
import { DocumentsRepository } from './documents.repository.js';
import { passageRecords } from './documents.service.js';
import { splitPassages } from './passages.js';

/** A document as it moves to another database: without what is derived from its text. */
export interface ArchivedDocument {
  tenant_id: string;
  /** 24 hexadecimal digits. */
  document_id: string;
  tender_id: string | null;
  title: string;
  metadata: Record<string, unknown>;
  created_at: Date;
  content: string;
}

/** Documents of all tenants, for moving them from one database to another. */
@Injectable()
export class DocumentArchive {
  constructor(private readonly documents: DocumentsRepository) {}

  /** Ids in order, after a given one. */
  async idsBehind(id: string | undefined, limit: number): Promise<string[]> {
    const records = await this.documents.behind(id === undefined ? undefined : new Types.ObjectId(id), limit);
    return records.map(({ _id }) => _id.toHexString());
  }

  /** A document with its text, if it exists and is complete. */
  async find(id: string): Promise<ArchivedDocument | undefined> {
    const record = await this.documents.any(new Types.ObjectId(id));
    if (!record?.ready) return undefined;
    const { tenant_id, tender_id, title, metadata, created_at } = record;
    const content = await this.documents.content(tenant_id as TenantId, record._id);
    return { tenant_id, document_id: id, tender_id, title, metadata, created_at, content };
  }

  /** Stores a document that does not exist yet, searchable as by this version. */
  async put(document: ArchivedDocument): Promise<void> {
    const { document_id, content, ...fields } = document;
    const pieces = splitPassages(content);
    const record: DocumentRecord = {
      ...fields,
      _id: new Types.ObjectId(document_id),
      title_key: titleKeys(fields.title),
      search_version: SEARCH_VERSION,
      characters: content.length,
      passages: pieces.length,
      ready: true,
    };
    await this.documents.restore(record, passageRecords(record, pieces));
  }
}
