import { mongo, type Model, type QueryFilter, type UpdateQuery } from 'mongoose';
import { Coalescer } from '../../common/index.js';
import type { MessageDocument } from '../../run-record/index.js';

/** One update of at most one message, of the types that are stored. */
export interface RunWrite {
  filter: QueryFilter<MessageDocument>;
  update: UpdateQuery<MessageDocument>;
  /** Inserts the message if there is none. */
  upsert?: boolean;
}

const DUPLICATE_KEY = 11_000;

/**
 * Updates of messages that are asked for at once, by whatever runs, go to the database in one write. They bypass Mongoose
 * (`Model.collection`), which would cast what has its types already, and costs as much CPU as the driver.
 */
export class RunWrites {
  private readonly writes = new Coalescer((writes: readonly RunWrite[]) => this.write(writes));

  private readonly messages: mongo.Collection<MessageDocument>;

  constructor(model: Model<MessageDocument>) {
    this.messages = model.collection as unknown as mongo.Collection<MessageDocument>;
  }

  /**
   * Resolves when the update is durable. May be repeated.
   * @param mayWait a moment for others.
   * @returns whether it found, or made, its message.
   */
  async update(write: RunWrite, mayWait = false): Promise<boolean> {
    const result = await this.writes.call(write, mayWait);
    if (result instanceof Error) throw result;
    return result;
  }

  private async write(writes: readonly RunWrite[]): Promise<(boolean | Error)[]> {
    const [only] = writes;
    if (only && writes.length === 1) return [await this.writeOne(only)];
    try {
      const operations = writes.map(
        (updateOne) => ({ updateOne }) as mongo.AnyBulkWriteOperation<MessageDocument>,
      );
      const { matchedCount, upsertedCount } = await this.messages.bulkWrite(operations, {
        ordered: false,
      });
      if (matchedCount + upsertedCount === writes.length) return writes.map(() => true);
    } catch (error) {
      if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    }
    // Which of them missed is not told, or one failed: each is asked for by itself.
    return Promise.all(
      writes.map((write) =>
        this.writeOne(write).catch((error: unknown) =>
          error instanceof Error ? error : new Error(String(error)),
        ),
      ),
    );
  }

  private async writeOne({ filter, update, upsert = false }: RunWrite): Promise<boolean> {
    try {
      const { matchedCount, upsertedCount } = await this.messages.updateOne(
        filter as mongo.Filter<MessageDocument>,
        update as mongo.UpdateFilter<MessageDocument>,
        { upsert },
      );
      return matchedCount + upsertedCount > 0;
    } catch (error) {
      // Two of them wanted to insert the same message: one did.
      if (upsert && error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return true;
      throw error;
    }
  }
}
