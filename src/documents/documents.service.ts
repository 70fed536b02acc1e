import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Types } from 'mongoose';
import {
  AppError,
  Clock,
  titleKeys,
  toPage,
  type Page,
  type PageQuery,
  type TenantId,
} from '../common/index.js';
import { SEARCH_VERSION, type DocumentRecord, type PassageRecord } from './document.schema.js';
import { DocumentsRepository } from './documents.repository.js';
import { PassageSearch, type PassageQuery } from './passage-search.js';
import { splitPassages, type TextPassage } from './passages.js';
import type { Candidate, Ranked } from './ranking.js';
import { indexTerms } from './terms.js';

/** A document to be stored. */
export interface NewDocument {
  title: string;
  content: string;
  tender_id?: string | null | undefined;
  metadata?: Record<string, unknown> | null | undefined;
}

/** Which page of which documents. */
export interface DocumentsQuery extends PageQuery {
  tender_id?: string | undefined;
  /** Part of the title, whatever its case and accents. */
  search?: string | undefined;
}

/** A document with its text. */
export interface DocumentText {
  document_id: string;
  title: string;
  content: string;
}

const OBJECT_ID = /^[0-9a-f]{24}$/i;
const ABANDONED_MS = 3_600_000;

/** The corpus. `search` and `read` have the shape of the tools' `Corpus` port. */
@Injectable()
export class DocumentsService implements OnApplicationBootstrap {
  constructor(
    private readonly documents: DocumentsRepository,
    private readonly passages: PassageSearch,
    private readonly clock: Clock,
  ) {}

  /** Clears what an earlier process, killed in the middle of an ingest or a deletion, left behind. */
  async onApplicationBootstrap(): Promise<void> {
    await this.documents.deleteUnfinished(new Date(this.clock.now() - ABANDONED_MS));
  }

  /** Stores a document. The same title twice is two documents. */
  async create(tenant: TenantId, input: NewDocument): Promise<DocumentRecord> {
    const pieces = splitPassages(input.content);
    const record: DocumentRecord = {
      _id: new Types.ObjectId(),
      tenant_id: tenant,
      tender_id: input.tender_id ?? null,
      title: input.title,
      title_key: titleKeys(input.title),
      search_version: SEARCH_VERSION,
      metadata: input.metadata ?? {},
      characters: input.content.length,
      passages: pieces.length,
      created_at: new Date(this.clock.now()),
      ready: true,
    };
    await this.documents.insert(record, passageRecords(record, pieces));
    return record;
  }

  /** One page, newest first. */
  async page(tenant: TenantId, query: DocumentsQuery): Promise<Page<DocumentRecord>> {
    const { tender_id, search } = query;
    const filter = { tender_id, title_parts: search === undefined ? undefined : titleKeys(search) };
    const [items, total] = await this.documents.page(tenant, filter, query);
    return toPage(items, total, query);
  }

  /** A document with its text. @throws AppError 404 `document_not_found`. */
  async get(tenant: TenantId, id: string): Promise<{ record: DocumentRecord; content: string }> {
    const record = await this.documents.find(tenant, id);
    if (!record) throw new AppError('document_not_found', { id: id });
    return { record, content: await this.documents.content(tenant, record._id) };
  }

  /** @throws AppError 404 `document_not_found`. */
  async delete(tenant: TenantId, id: string): Promise<void> {
    if (!(await this.documents.delete(tenant, id))) throw new AppError('document_not_found', { id: id });
  }

  /** Passages that fit a query, best first. */
  async search(tenant: TenantId, query: PassageQuery): Promise<Ranked<Candidate>[]> {
    return this.passages.search(tenant, query);
  }

  /** A document by its id, else the newest of that title, whatever its case, else of a title that begins so. */
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

/** One by one, as they are stored: the words of a large document take long enough to hold up every live stream. */
export function* passageRecords(
  document: DocumentRecord,
  pieces: readonly TextPassage[],
): Generator<PassageRecord> {
  const { tenant_id, tender_id, title, _id: document_id } = document;
  for (const [index, piece] of pieces.entries()) {
    const terms = indexTerms(`${title} ${piece.heading ?? ''}`, piece.text);
    yield { _id: new Types.ObjectId(), tenant_id, tender_id, document_id, index, title, ...piece, terms };
  }
}
