import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import { Clock } from '../../common/index.js';
import { DOCUMENT, type DocumentRecord } from '../document.schema.js';

/** A process that has not shown up at a document for this long counts as dead. */
const CLAIM_MS = 20_000;
/** A document whose text the model refuses is tried again after this. */
const RETRY_MS = 600_000;

/** A document that this process works on. */
export interface ClaimedDocument extends Pick<DocumentRecord, '_id' | 'tenant_id'> {
  /** When it was last shown to be worked on. */
  embedding_claim: Date;
}

/** Which documents have no vectors yet, and who works on them. */
@Injectable()
export class EmbeddingQueue {
  constructor(
    @InjectModel(DOCUMENT) private readonly documents: Model<DocumentRecord>,
    private readonly clock: Clock,
  ) {}

  /** Whether there is anything to claim. @param space unknown: if only documents without any vectors count. */
  async hasWork(space: string | undefined): Promise<boolean> {
    return (await this.documents.exists(this.open(space))) !== null;
  }

  /** Takes a document that has no vectors in a space. Nothing if there is none, or others work on the rest. */
  async claim(space: string): Promise<ClaimedDocument | null> {
    return this.documents
      .findOneAndUpdate(
        this.open(space),
        { $set: { embedding_claim: this.now() } },
        { returnDocument: 'after', projection: { tenant_id: 1, embedding_claim: 1 } },
      )
      .lean<ClaimedDocument>();
  }

  /** Shows that the document is still worked on. @returns false if it was deleted, or another process has it. */
  async keep(document: ClaimedDocument): Promise<boolean> {
    const now = this.now();
    if (!(await this.change(document, { $set: { embedding_claim: now } }))) return false;
    document.embedding_claim = now;
    return true;
  }

  /** All passages have their vectors. @returns like {@link keep}. */
  async finish(document: ClaimedDocument, space: string): Promise<boolean> {
    return this.change(document, {
      $set: { embedding: space },
      $unset: { embedding_claim: 1, embedding_retry_at: 1 },
    });
  }

  /** Leaves the document for later. */
  async postpone(document: ClaimedDocument): Promise<void> {
    const embedding_retry_at = new Date(this.clock.now() + RETRY_MS);
    await this.change(document, { $set: { embedding_retry_at }, $unset: { embedding_claim: 1 } });
  }

  /** Leaves the document to anybody. */
  async release(document: ClaimedDocument): Promise<void> {
    await this.change(document, { $unset: { embedding_claim: 1 } });
  }

  async exists({ _id }: ClaimedDocument): Promise<boolean> {
    return (await this.documents.exists({ _id, ready: true })) !== null;
  }

  private async change({ _id, embedding_claim }: ClaimedDocument, update: object): Promise<boolean> {
    const { matchedCount } = await this.documents.updateOne({ _id, ready: true, embedding_claim }, update);
    return matchedCount > 0;
  }

  /** A document that is being stored or deleted is left alone. */
  private open(space: string | undefined): QueryFilter<DocumentRecord> {
    const now = this.now();
    return {
      ready: true,
      embedding: space === undefined ? null : { $ne: space },
      embedding_claim: { $not: { $gte: new Date(now.getTime() - CLAIM_MS) } },
      embedding_retry_at: { $not: { $gt: now } },
    };
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}
