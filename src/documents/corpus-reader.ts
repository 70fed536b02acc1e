import { Injectable } from '@nestjs/common';
import { titleKeys, type TenantId } from '../common/index.js';
import type { DocumentRecord } from './document.schema.js';
import { DocumentsRepository } from './documents.repository.js';
import { PassageSearch, type PassageQuery } from './passage-search.js';
import type { Candidate, Ranked } from './ranking.js';

/** A document with its text. */
export interface DocumentText {
  document_id: string;
  title: string;
  content: string;
}

const OBJECT_ID = /^[0-9a-f]{24}$/i;

/** Gives the tools of a run access to the documents of its tenant. */
@Injectable()
export class CorpusReader {
  constructor(
    private readonly documents: DocumentsRepository,
    private readonly passages: PassageSearch,
  ) {}

  /** Passages that match a query, best first. */
  async search(tenant: TenantId, query: PassageQuery): Promise<Ranked<Candidate>[]> {
    return this.passages.search(tenant, query);
  }

  /**
   * A document by its id, else the newest with that title, whatever its case, else the newest whose title starts with
   * it.
   */
  async read(tenant: TenantId, idOrTitle: string, tender_id?: string): Promise<DocumentText | undefined> {
    const record = await this.resolve(tenant, idOrTitle, tender_id);
    if (!record || (tender_id !== undefined && record.tender_id !== tender_id)) return undefined;
    const content = await this.documents.content(tenant, record._id);
    return { document_id: record._id.toHexString(), title: record.title, content };
  }

  private async resolve(
    tenant: TenantId,
    idOrTitle: string,
    tender_id?: string,
  ): Promise<DocumentRecord | null> {
    const byId = OBJECT_ID.test(idOrTitle) ? await this.documents.find(tenant, idOrTitle) : null;
    const keys = titleKeys(idOrTitle);
    return byId ?? (keys.length === 0 ? null : this.documents.findByTitle(tenant, keys, { tender_id }));
  }
}
