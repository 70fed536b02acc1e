import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { Clock } from '../common/index.js';
import { isDuplicateKeyError } from '../platform/mongo/index.js';
import { MESSAGE, type HeldRun, type MessageDocument } from '../run-record/index.js';
import { SUMMARY, type SummaryRecord } from './summary.schema.js';

/** What is known about the beginning of a branch. */
export interface StoredSummary {
  id: string;
  text: string;
  /** The last place that it covers. */
  until: string;
  /** How many places that are. */
  covers: number;
}

/** A summary to be made. */
export interface PlannedSummary {
  /** What it continues. */
  previous: StoredSummary | undefined;
  /** The places that it adds, oldest first; at least one. */
  places: readonly string[];
}

/** A summary that this process has begun to make, and nobody else makes meanwhile. */
export interface SummaryClaim {
  id: Types.ObjectId;
  at: Date;
}

type Chat = Pick<HeldRun, 'tenant_id' | 'chat_id'>;

/** A process that has not stored its summary by then counts as dead. */
const CLAIM_MS = 180_000;
/** The newest summaries of a chat, on whichever branches, that are looked at. */
const NEWEST = 200;

/** The summaries of conversations. */
@Injectable()
export class ConversationSummaries {
  constructor(
    @InjectModel(SUMMARY) private readonly summaries: Model<SummaryRecord>,
    @InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>,
    private readonly clock: Clock,
  ) {}

  /** That of the latest of some places, which follow one another on one branch. */
  async latestAt(
    { tenant_id, chat_id }: Chat,
    places: readonly string[],
  ): Promise<StoredSummary | undefined> {
    if (places.length === 0) return undefined;
    const until = { $in: places.map((place) => new Types.ObjectId(place)) };
    const found = await this.summaries
      .findOne({ tenant_id, chat_id, until, text: { $exists: true } })
      .sort({ covers: -1 })
      .lean();
    return found ? toStored(found) : undefined;
  }

  async find({ tenant_id, chat_id }: Chat, id: string): Promise<StoredSummary | undefined> {
    const found = await this.summaries
      .findOne({ _id: new Types.ObjectId(id), tenant_id, chat_id, text: { $exists: true } })
      .lean();
    return found ? toStored(found) : undefined;
  }

  /** The places for which the chat has summaries, on all its branches: those of the newest ones. */
  async placesOf({ tenant_id, chat_id }: Chat): Promise<string[]> {
    const found = await this.summaries
      .find({ tenant_id, chat_id, text: { $exists: true } }, { until: 1 })
      .sort({ _id: -1 })
      .limit(NEWEST)
      .lean();
    return found.map(({ until }) => until.toHexString());
  }

  /** Whether some process is making a summary for the chat. */
  async areMade({ tenant_id, chat_id }: Chat): Promise<boolean> {
    const open = { tenant_id, chat_id, text: { $exists: false }, claimed_at: { $gte: this.expiry() } };
    return (await this.summaries.exists(open)) !== null;
  }

  /**
   * Claims the making of a summary. Until it is stored, nothing of the conversation is in the record, and none can be
   * stored once the chat is deleted: {@link store} finds nothing then.
   * @returns nothing if it exists, or another process makes it, or its messages are gone.
   */
  async claim(
    { tenant_id, chat_id }: Chat,
    { previous, places }: PlannedSummary,
  ): Promise<SummaryClaim | undefined> {
    const added = places.map((place) => new Types.ObjectId(place));
    const until = added.at(-1);
    if (!until) return undefined;
    const at = new Date(this.clock.now());
    const about = {
      covers: (previous?.covers ?? 0) + added.length,
      added,
      ...(previous && { previous: new Types.ObjectId(previous.id) }),
      claimed_at: at,
    };
    try {
      const claimed = await this.summaries.findOneAndUpdate(
        { tenant_id, chat_id, until, text: { $exists: false }, claimed_at: { $lt: this.expiry() } },
        { $set: about, ...(!previous && { $unset: { previous: 1 } }) },
        { upsert: true, returnDocument: 'after', projection: { _id: 1 } },
      );
      if (!claimed) return undefined; // never: it is inserted if there is none
      const claim = { id: claimed._id, at };
      // Deleted just before, in which case nobody would delete the claim.
      if ((await this.messages.exists({ _id: until, tenant_id })) !== null) return claim;
      await this.withdraw(claim);
      return undefined;
    } catch (error) {
      if (isDuplicateKeyError(error)) return undefined;
      throw error;
    }
  }

  /** @returns the summary; nothing if the chat was deleted, or another process has taken over the claim. */
  async store(
    claim: SummaryClaim,
    written: { text: string; model: string },
  ): Promise<StoredSummary | undefined> {
    const stored = await this.summaries
      .findOneAndUpdate(
        { _id: claim.id, claimed_at: claim.at, text: { $exists: false } },
        { $set: { ...written, created_at: new Date(this.clock.now()) } },
        { returnDocument: 'after' },
      )
      .lean();
    return stored ? toStored(stored) : undefined;
  }

  /** Gives a claim up: anybody may make the summary. */
  async withdraw({ id, at }: SummaryClaim): Promise<void> {
    await this.summaries.deleteOne({ _id: id, claimed_at: at, text: { $exists: false } });
  }

  private expiry(): Date {
    return new Date(this.clock.now() - CLAIM_MS);
  }
}

function toStored({ _id, text = '', until, covers }: SummaryRecord): StoredSummary {
  return { id: _id.toHexString(), text, until: until.toHexString(), covers };
}
