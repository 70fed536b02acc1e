import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { literal, pageSkip, type PageQuery, type TenantId } from '../common/index.js';
import { VectorStore } from './vectors/vector-store.js';
import { DOCUMENT, PASSAGE, type DocumentRecord, type PassageRecord } from './document.schema.js';

const INSERT_BATCH = 40;

/** Which documents a request is about. */
export interface DocumentFilter {
  tender_id?: string | undefined;
  /** Part of the title, folded, in each of its spellings. */
  title_parts?: readonly string[] | undefined;
}

/** The documents and their passages in MongoDB. A document is visible only while all its passages exist. */
@Injectable()
export class DocumentsRepository {
  constructor(
    @InjectModel(DOCUMENT) private readonly documents: Model<DocumentRecord>,
    @InjectModel(PASSAGE) private readonly passages: Model<PassageRecord>,
    private readonly vectors: VectorStore,
  ) {}

  /**
   * Stores a document: hidden first, then its passages, then it becomes visible. A crash in between leaves it hidden.
   */
  async insert(record: DocumentRecord, passages: Iterable<PassageRecord>): Promise<void> {
    await this.documents.create({ ...record, ready: false });
    for (const batch of batches(passages, INSERT_BATCH)) {
      await this.passages.collection.insertMany(batch, { ordered: false });
    }
    await this.documents.updateOne({ _id: record._id }, { $set: { ready: true } });
  }

  async find(tenant: TenantId, id: string): Promise<DocumentRecord | null> {
    return this.documents.findOne({ _id: new Types.ObjectId(id), tenant_id: tenant, ready: true }).lean();
  }

  /** The newest document with one of these folded titles; if there is none, the newest whose title starts with one. */
  async findByTitle(
    tenant: TenantId,
    titleKeys: readonly string[],
    { tender_id }: DocumentFilter,
  ): Promise<DocumentRecord | null> {
    const rest = { ready: true, ...(tender_id !== undefined && { tender_id }) };
    const newest = { created_at: -1, _id: -1 } as const;
    const exact = await this.documents
      .findOne({ tenant_id: tenant, title_key: { $in: titleKeys }, ...rest })
      .sort(newest)
      .lean();
    if (exact) return exact;
    const beginning = { $in: titleKeys.map((key) => new RegExp(`^${literal(key)}`)) };
    return this.documents
      .findOne({ tenant_id: tenant, title_key: beginning, ...rest })
      .sort(newest)
      .lean();
  }

  /** One page, newest first, and the total number. */
  async page(
    tenant: TenantId,
    { tender_id, title_parts }: DocumentFilter,
    query: PageQuery,
  ): Promise<[DocumentRecord[], number]> {
    const where = {
      tenant_id: tenant,
      ready: true,
      ...(tender_id !== undefined && { tender_id }),
      ...(title_parts && { title_key: { $in: title_parts.map((part) => new RegExp(literal(part))) } }),
    };
    const newest = { created_at: -1, _id: -1 } as const;
    return Promise.all([
      this.documents.find(where).sort(newest).skip(pageSkip(query)).limit(query.page_size).lean(),
      this.documents.countDocuments(where),
    ]);
  }

  /** The text of a document: its passages joined. */
  async content(tenant: TenantId, id: Types.ObjectId): Promise<string> {
    const passages = await this.passages
      .find({ document_id: id, tenant_id: tenant }, { text: 1 })
      .sort({ index: 1 })
      .lean();
    return passages.map(({ text }) => text).join('');
  }

  /** Hides a document, then deletes it with its passages. @returns whether there was a visible one. */
  async delete(tenant: TenantId, id: string): Promise<boolean> {
    const _id = new Types.ObjectId(id);
    const hidden = await this.documents.updateOne(
      { _id, tenant_id: tenant, ready: true },
      { $set: { ready: false } },
    );
    if (hidden.matchedCount === 0) return false;
    await this.remove(_id);
    return true;
  }

  /** Ids of documents of any tenant, after a given one. */
  async behind(id: Types.ObjectId | undefined, limit: number): Promise<DocumentRecord[]> {
    const filter = { ready: true, ...(id && { _id: { $gt: id } }) };
    return this.documents.find(filter).sort({ _id: 1 }).limit(limit).lean();
  }

  /** A document of any tenant. */
  async any(id: Types.ObjectId): Promise<DocumentRecord | null> {
    return this.documents.findById(id).lean();
  }

  /** Stores a document under its own id, passages first: a crash in between leaves passages that nobody sees. */
  async restore(record: DocumentRecord, passages: Iterable<PassageRecord>): Promise<void> {
    await this.passages.deleteMany({ document_id: record._id });
    await this.vectors.removeOf(record._id);
    for (const batch of batches(passages, INSERT_BATCH))
      await this.passages.collection.insertMany(batch, { ordered: false });
    await this.documents.create(record);
  }

  /** Deletes what an ingest or a deletion that was interrupted before `time` left behind. */
  async deleteUnfinished(time: Date): Promise<number> {
    const left = await this.documents.find({ ready: false, created_at: { $lt: time } }, { _id: 1 }).lean();
    for (const { _id } of left) await this.remove(_id);
    return left.length;
  }

  private async remove(_id: Types.ObjectId): Promise<void> {
    await this.passages.deleteMany({ document_id: _id });
    const vectors = await this.vectors.removeOf(_id);
    const document = await this.documents.findOneAndDelete({ _id }, { projection: { tenant_id: 1 } }).lean();
    if (vectors > 0 && document) await this.vectors.noteChange(document.tenant_id);
  }
}

function* batches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
