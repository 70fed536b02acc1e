import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, Types, type Model } from 'mongoose';
import { DOCUMENT, PASSAGE, type DocumentRecord, type PassageRecord } from '../document.schema.js';
import { VECTOR, VECTOR_MARK, type VectorMark, type VectorRecord } from './vector.schema.js';

/** A document whose passages all have vectors. */
export interface EmbeddedDocument {
  _id: Types.ObjectId;
  tender_id: string | null;
}

/** The vector of a passage. */
export interface PassageVector {
  passage: Types.ObjectId;
  document: Types.ObjectId;
  values: Int8Array;
}

type Stored = Omit<VectorRecord, 'values'> & { values: mongo.Binary };

const SPACE_ID = 'space';
const tenantMark = (tenant: string): string => `tenant/${tenant}`;

/** The vectors of passages in MongoDB. */
@Injectable()
export class VectorStore {
  constructor(
    @InjectModel(VECTOR) private readonly vectors: Model<VectorRecord>,
    @InjectModel(VECTOR_MARK) private readonly marks: Model<VectorMark>,
    @InjectModel(DOCUMENT) private readonly documents: Model<DocumentRecord>,
    @InjectModel(PASSAGE) private readonly passages: Model<PassageRecord>,
  ) {}

  /** A number that is another one whenever the documents with vectors may be others. */
  async changes(tenant: string): Promise<number> {
    const mark = await this.marks.findById(tenantMark(tenant), { changes: 1 }).lean();
    return mark?.changes ?? 0;
  }

  /** Tells every process that the documents with vectors are others now. */
  async noteChange(tenant: string): Promise<void> {
    await this.marks.updateOne({ _id: tenantMark(tenant) }, { $inc: { changes: 1 } }, { upsert: true });
  }

  /** The space that the deployment is filling. A process of another configuration leaves the documents alone. */
  async currentSpace(): Promise<string | undefined> {
    return (await this.marks.findById(SPACE_ID, { space: 1 }).lean())?.space;
  }

  async setSpace(space: string): Promise<void> {
    await this.marks.updateOne({ _id: SPACE_ID }, { $set: { space } }, { upsert: true });
  }

  /** The documents of a tenant that can be searched in a space. */
  async documentsIn(tenant: string, space: string): Promise<EmbeddedDocument[]> {
    return this.documents
      .find({ embedding: space, tenant_id: tenant, ready: true }, { tender_id: 1 })
      .lean<EmbeddedDocument[]>();
  }

  /** The vectors of some documents. */
  async of(documents: readonly Types.ObjectId[], space: string): Promise<PassageVector[]> {
    // Without Mongoose, which would copy each vector.
    const collection = this.vectors.collection as unknown as mongo.Collection<Stored>;
    const found = collection.find({ document_id: { $in: [...documents] }, space }, { batchSize: 2000 });
    const vectors: PassageVector[] = [];
    for await (const { _id, document_id, values } of found)
      vectors.push({ passage: _id, document: document_id, values: bytesOf(values) });
    return vectors;
  }

  /** Which passages of a document have their vectors already. */
  async passagesWith(document_id: Types.ObjectId, space: string): Promise<Set<string>> {
    const found = await this.vectors
      .find({ document_id, space }, { _id: 1 })
      .lean<{ _id: Types.ObjectId }[]>();
    return new Set(found.map(({ _id }) => _id.toHexString()));
  }

  /** Stores vectors in place of those of another space. */
  async put(vectors: readonly PassageVector[], space: string): Promise<void> {
    if (vectors.length === 0) return;
    await this.vectors.bulkWrite(
      vectors.map(({ passage, document: document_id, values }) => ({
        replaceOne: {
          filter: { _id: passage },
          replacement: { document_id, space, values: new mongo.Binary(Buffer.from(values.buffer)) },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }

  async removeOf(document_id: Types.ObjectId): Promise<number> {
    return (await this.vectors.deleteMany({ document_id })).deletedCount;
  }

  /**
   * Deletes the vectors of documents that do not exist: a process was killed while it stored them, and somebody else
   * deleted the document. @returns of how many documents.
   */
  async removeAbandoned(): Promise<number> {
    const ids = await this.vectors.distinct('document_id');
    const known = await this.documents
      .find({ _id: { $in: ids } }, { _id: 1 })
      .lean<{ _id: Types.ObjectId }[]>();
    const there = new Set(known.map(({ _id }) => _id.toHexString()));
    const gone = ids.filter((id) => !there.has(id.toHexString()));
    if (gone.length > 0) await this.vectors.deleteMany({ document_id: { $in: gone } });
    return gone.length;
  }

  /** The passages of a document, in order. */
  textsOf(
    document_id: Types.ObjectId,
  ): AsyncIterable<Pick<PassageRecord, '_id' | 'title' | 'heading' | 'text'>> {
    return this.passages
      .find({ document_id }, { title: 1, heading: 1, text: 1 })
      .sort({ index: 1 })
      .lean<Pick<PassageRecord, '_id' | 'title' | 'heading' | 'text'>[]>()
      .cursor({ batchSize: 100 });
  }
}

function bytesOf({ buffer, position }: mongo.Binary): Int8Array {
  return new Int8Array(buffer.buffer, buffer.byteOffset, position);
}
