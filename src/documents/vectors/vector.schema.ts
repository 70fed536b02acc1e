import { Schema, type mongo, type Types } from 'mongoose';

/** The vector of a passage. Its document says when all of them are there; until then none of them is searched. */
export interface VectorRecord {
  /** The passage. */
  _id: Types.ObjectId;
  document_id: Types.ObjectId;
  /** Only vectors of the same space can be compared. */
  space: string;
  /** A signed byte per dimension. */
  values: mongo.Binary;
}

/** What the processes tell each other about vectors: one record for each tenant, and one for the deployment. */
export interface VectorMark {
  /** `tenant/…`, or `space`. */
  _id: string;
  /** Of a tenant: increases whenever documents have got their vectors, or are deleted with them. */
  changes?: number;
  /** Of the deployment: the space that is being filled. */
  space?: string;
}

/** The vectors that one model makes. @param dimensions a server may offer another model by the same name. */
export const vectorSpace = (model: string, dimensions: number): string => `${model}/${dimensions}`;

/** DI and Mongoose name of the collection of vectors. */
export const VECTOR = 'PassageVector';

/** DI and Mongoose name of the collection of marks. */
export const VECTOR_MARK = 'VectorMark';

const { ObjectId } = Schema.Types;

export const vectorSchema = new Schema<VectorRecord>(
  {
    document_id: { type: ObjectId, required: true },
    space: { type: String, required: true },
    values: { type: Buffer, required: true },
  },
  { collection: 'passage_vectors', versionKey: false },
);

vectorSchema.index({ document_id: 1 });

export const vectorMarkSchema = new Schema<VectorMark>(
  { _id: String, changes: Number, space: String },
  { collection: 'vector_marks', versionKey: false },
);
