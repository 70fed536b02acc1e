import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Types } from 'mongoose';
import {
  AppError,
  Clock,
  titleKeys,
  toPage,
  type Page,
  type PageQuery,
  type Scope,
} from '../common/index.js';
import { SEARCH_VERSION, type DocumentRecord, type PassageRecord } from './document.schema.js';
import { DocumentsRepository } from './documents.repository.js';
import { PassageEmbedder } from './vectors/passage-embedder.js';
import { splitPassages, type TextPassage } from './passages.js';
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

const ABANDONED_MS = 3_600_000;

/** What people can do with documents. A document belongs to its tenant, and every user of the tenant sees it. */
@Injectable()
export class DocumentsService implements OnApplicationBootstrap {
  constructor(
    private readonly documents: DocumentsRepository,
    private readonly embedder: PassageEmbedder,
    private readonly clock: Clock,
  ) {}

  /** Deletes what an earlier process, killed in the middle of an ingest or a deletion, left behind. */
  async onApplicationBootstrap(): Promise<void> {
    await this.documents.deleteUnfinished(new Date(this.clock.now() - ABANDONED_MS));
  }

  /** Stores a document. Storing the same title twice creates two documents. */
  async create({ tenant }: Scope, input: NewDocument): Promise<DocumentRecord> {
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
    this.embedder.look();
    return record;
  }

  /** One page, newest first. */
  async page({ tenant }: Scope, query: DocumentsQuery): Promise<Page<DocumentRecord>> {
    const { tender_id, search } = query;
    const filter = { tender_id, title_parts: search === undefined ? undefined : titleKeys(search) };
    const [items, total] = await this.documents.page(tenant, filter, query);
    return toPage(items, total, query);
  }

  /** A document with its text. @throws AppError 404 `document_not_found`. */
  async get({ tenant }: Scope, id: string): Promise<{ record: DocumentRecord; content: string }> {
    const record = await this.documents.find(tenant, id);
    if (!record) throw new AppError('document_not_found', { id: id });
    return { record, content: await this.documents.content(tenant, record._id) };
  }

  /** @throws AppError 404 `document_not_found`. */
  async delete({ tenant }: Scope, id: string): Promise<void> {
    if (!(await this.documents.delete(tenant, id))) throw new AppError('document_not_found', { id: id });
  }
}

/**
 * One by one, as they are stored: computing the terms of a large document takes long enough to delay every live
 * stream.
 */
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
