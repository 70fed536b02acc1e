import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { AnyBulkWriteOperation, Model, QueryFilter, Types } from 'mongoose';
import { Clock, pause, titleKeys } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import { retryTransient } from '../platform/mongo/index.js';
import {
  DOCUMENT,
  PASSAGE,
  SEARCH_VERSION,
  type DocumentRecord,
  type PassageRecord,
} from './document.schema.js';
import { indexTerms } from './terms.js';

/** A process that has not finished a document by then counts as dead. */
const CLAIM_MS = 60_000;
const WRITE_BATCH = 40;
/** The indexes of versions before 2. */
const FORMER_INDEXES = ['passage_text', 'tenant_id_1_tender_id_1'];
const NO_SUCH_INDEX = 27;

type OldPassage = Pick<PassageRecord, '_id' | 'title' | 'heading' | 'text'>;

/**
 * Makes documents stored by an earlier version as searchable as today's, in the background. Documents are claimed one
 * by one, so that several processes share the work; repeating a document gives the same result.
 */
@Injectable()
export class SearchUpgrade implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Log(SearchUpgrade.name);
  private readonly leaving = new AbortController();
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    @InjectModel(DOCUMENT) private readonly documents: Model<DocumentRecord>,
    @InjectModel(PASSAGE) private readonly passages: Model<PassageRecord>,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.ROLE !== 'api') this.work = this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.leaving.abort();
    await this.work;
  }

  /** Brings up to date every document that no other process is working on. @returns how many. */
  async run(): Promise<number> {
    let done = 0;
    while (!this.leaving.signal.aborted && (await this.retried(() => this.upgradeNext()))) done++;
    return done;
  }

  private async start(): Promise<void> {
    try {
      let done = await this.run();
      while (await this.othersAreAtIt()) done += await this.run();
      if (this.leaving.signal.aborted) return;
      for (const name of FORMER_INDEXES) await this.retried(() => this.dropIndex(name));
      if (done > 0) this.logger.info(`${done} documents brought up to date for the search`);
    } catch (error) {
      this.logger.warn(
        'documents could not be brought up to date for the search; the next start will continue',
        {
          err: error,
        },
      );
    }
  }

  /** Claims a document and recomputes its terms. @returns false if there is none left to claim. */
  private async upgradeNext(): Promise<boolean> {
    const now = this.clock.now();
    const document = await this.documents
      .findOneAndUpdate(
        { ...outdated(), search_claim: { $not: { $gte: new Date(now - CLAIM_MS) } } },
        { $set: { search_claim: new Date(now) } },
      )
      .lean();
    if (!document) return false;
    await this.rewritePassages(document._id);
    await this.documents.updateOne(
      { _id: document._id },
      {
        $set: { title_key: titleKeys(document.title), search_version: SEARCH_VERSION },
        $unset: { search_claim: 1 },
      },
    );
    return true;
  }

  private async rewritePassages(document_id: Types.ObjectId): Promise<void> {
    const passages = this.passages
      .find({ document_id }, { title: 1, heading: 1, text: 1 })
      .lean<OldPassage[]>()
      .cursor({ batchSize: WRITE_BATCH });
    let batch: AnyBulkWriteOperation<PassageRecord>[] = [];
    for await (const passage of passages) {
      if (batch.push(rewritten(passage)) < WRITE_BATCH) continue;
      await this.write(batch);
      batch = [];
    }
    await this.write(batch);
  }

  private async write(batch: AnyBulkWriteOperation<PassageRecord>[]): Promise<void> {
    // `grams` is what versions before 2 stored; the schema no longer knows it.
    if (batch.length > 0) await this.passages.bulkWrite(batch, { ordered: false, strict: false });
  }

  /** Waits for documents that another process has claimed, in case it has died. @returns false if there are none. */
  private async othersAreAtIt(): Promise<boolean> {
    if (this.leaving.signal.aborted) return false;
    if (!(await this.retried(() => this.documents.exists(outdated())))) return false;
    await pause(CLAIM_MS / 2, this.leaving.signal, { ref: false });
    return !this.leaving.signal.aborted;
  }

  private async dropIndex(name: string): Promise<void> {
    await this.passages.collection.dropIndex(name).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === NO_SUCH_INDEX)) throw error;
    });
  }

  private retried<T>(call: () => Promise<T>): Promise<T> {
    return retryTransient(call, { signal: this.leaving.signal });
  }
}

/** A document that is being stored or deleted is left alone. */
function outdated(): QueryFilter<DocumentRecord> {
  return { search_version: { $not: { $gte: SEARCH_VERSION } }, ready: true };
}

function rewritten({ _id, title, heading, text }: OldPassage): AnyBulkWriteOperation<PassageRecord> {
  const terms = indexTerms(`${title} ${heading ?? ''}`, text);
  return { updateOne: { filter: { _id }, update: { $set: { terms }, $unset: { grams: 1 } } } };
}
