import { Schema, type Types } from 'mongoose';

/** A document of the corpus, without its text: the passages in order are the text. */
export interface DocumentRecord {
  _id: Types.ObjectId;
  tenant_id: string;
  /** `null` for a document that belongs to no tender. */
  tender_id: string | null;
  title: string;
  /** The folded title, in each of its spellings, so that it is found whatever its case. */
  title_key: string[];
  metadata: Record<string, unknown>;
  characters: number;
  passages: number;
  created_at: Date;
  /** False while passages are being written or deleted: nobody sees the document then. */
  ready: boolean;
  /** The version that computed the passages' `terms` and the `title_key`: {@link SEARCH_VERSION}, or less. */
  search_version: number;
  /** When a process started to bring the document up to date. */
  search_claim?: Date;
  /** The model whose vectors all its passages have: a {@link vectorSpace}. */
  embedding?: string;
  /** When a process last worked on its vectors. */
  embedding_claim?: Date;
  /** The model has refused its text; it is tried again then. */
  embedding_retry_at?: Date;
}

/** A piece of a document, about 1,200 characters. The pieces in order of `index` are exactly the text. */
export interface PassageRecord {
  _id: Types.ObjectId;
  tenant_id: string;
  tender_id: string | null;
  document_id: Types.ObjectId;
  index: number;
  title: string;
  /** Headings above the passage, outermost first, joined by ` › `. */
  heading?: string;
  text: string;
  /** The terms by which the passage is found: words, prefixes and parts of words. See `terms.ts`. */
  terms: string[];
}

/** Increases with every change in what `terms.ts` makes of a text; older documents are then brought up to date. */
export const SEARCH_VERSION = 2;

/** DI and Mongoose name of the collection of documents. */
export const DOCUMENT = 'Document';

/** DI and Mongoose name of the collection of passages. */
export const PASSAGE = 'DocumentPassage';

const { Mixed, ObjectId } = Schema.Types;

export const documentSchema = new Schema<DocumentRecord>(
  {
    tenant_id: { type: String, required: true },
    tender_id: { type: String, default: null },
    title: { type: String, required: true },
    title_key: { type: [String], required: true },
    metadata: { type: Mixed, default: {} },
    characters: { type: Number, required: true },
    passages: { type: Number, required: true },
    created_at: { type: Date, required: true },
    ready: { type: Boolean, required: true },
    search_version: { type: Number, required: true },
    search_claim: Date,
    embedding: String,
    embedding_claim: Date,
    embedding_retry_at: Date,
  },
  { collection: 'documents', versionKey: false, minimize: false },
);

documentSchema.index({ tenant_id: 1, ready: 1, created_at: -1, _id: -1 });
documentSchema.index({ tenant_id: 1, tender_id: 1, ready: 1, created_at: -1, _id: -1 });
documentSchema.index({ tenant_id: 1, title_key: 1, created_at: -1 });
documentSchema.index({ search_version: 1 });
documentSchema.index({ embedding: 1, tenant_id: 1 });
documentSchema.index({ created_at: 1 }, { name: 'unfinished', partialFilterExpression: { ready: false } });

export const passageSchema = new Schema<PassageRecord>(
  {
    tenant_id: { type: String, required: true },
    tender_id: { type: String, default: null },
    document_id: { type: ObjectId, required: true },
    index: { type: Number, required: true },
    title: { type: String, required: true },
    heading: String,
    text: { type: String, required: true },
    terms: [String],
  },
  { collection: 'document_passages', versionKey: false },
);

passageSchema.index({ document_id: 1, index: 1 });
// Contains everything a search needs to choose candidates, so that it reads only those passages.
passageSchema.index({ tenant_id: 1, terms: 1, tender_id: 1, _id: 1 }, { name: 'passage_terms' });
