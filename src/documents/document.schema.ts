import { Schema, type Types } from 'mongoose';

/** A document of the corpus, without its text: that is the passages in order. */
export interface DocumentRecord {
  _id: Types.ObjectId;
  tenant_id: string;
  /** `null` for a document that belongs to no tender. */
  tender_id: string | null;
  title: string;
  /** The title folded, to be found whatever its case. */
  title_key: string;
  metadata: Record<string, unknown>;
  characters: number;
  passages: number;
  created_at: Date;
  /** False while passages are being written or deleted: nobody sees the document then. */
  ready: boolean;
}

/** A piece of a document, about 1,200 characters. The pieces in order of `index` are the text, to the character. */
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
  /** Beginnings of the words and pairs of letters, for what is not found word by word. See `terms.ts`. */
  grams: string;
}

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
    title_key: { type: String, required: true },
    metadata: { type: Mixed, default: {} },
    characters: { type: Number, required: true },
    passages: { type: Number, required: true },
    created_at: { type: Date, required: true },
    ready: { type: Boolean, required: true },
  },
  { collection: 'documents', versionKey: false, minimize: false },
);

documentSchema.index({ tenant_id: 1, ready: 1, created_at: -1, _id: -1 });
documentSchema.index({ tenant_id: 1, tender_id: 1, ready: 1, created_at: -1, _id: -1 });
documentSchema.index({ tenant_id: 1, title_key: 1, created_at: -1 });
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
    grams: String,
  },
  { collection: 'document_passages', versionKey: false },
);

passageSchema.index({ document_id: 1, index: 1 });
passageSchema.index({ tenant_id: 1, tender_id: 1 });
// Any language: no stemming and no stop words; terms.ts does what is needed of both.
passageSchema.index(
  { tenant_id: 1, title: 'text', heading: 'text', text: 'text', grams: 'text' },
  {
    name: 'passage_text',
    default_language: 'none',
    language_override: 'no_such_field',
    weights: { title: 4, heading: 3, text: 4, grams: 1 },
  },
);
