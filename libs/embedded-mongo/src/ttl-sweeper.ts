import type { Collection, Db, Document, Filter, MongoClient } from 'mongodb';

import { messageOf } from './errors.js';

const SYSTEM_DATABASES = new Set(['admin', 'local', 'config']);

/** An index as `listIndexes` describes it. */
interface IndexDescription {
  readonly key: Record<string, unknown>;
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: Filter<Document>;
}

/** Periodically deletes what has expired according to TTL indexes: the engine's own TTL monitor does not run. */
export class TtlSweeper {
  #client: Promise<MongoClient> | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly uri: string,
    intervalMs: number,
  ) {
    this.#timer = setInterval(() => {
      this.#sweeping = this.#sweeping.then(() => this.#sweep());
    }, intervalMs);
  }

  /** Settles when a sweep in progress has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await (await client?.catch(() => undefined))?.close();
  }

  async #sweep(): Promise<void> {
    try {
      const client = await (this.#client ??= connect(this.uri));
      await sweepExpired(client, new Date());
    } catch (error) {
      console.error(`TTL sweep failed: ${messageOf(error)}`);
      await this.#disconnect(); // a client that once failed to connect never connects again
    }
  }
}

/** Deletes every document that has expired by `now` according to a TTL index, in any database. */
export async function sweepExpired(client: MongoClient, now: Date): Promise<void> {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
  for (const { name } of databases) {
    if (!SYSTEM_DATABASES.has(name)) await sweepDatabase(client.db(name), now);
  }
}

async function sweepDatabase(db: Db, now: Date): Promise<void> {
  const collections = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  for (const { name } of collections) {
    if (!name.startsWith('system.')) await sweepCollection(db.collection(name), now);
  }
}

async function sweepCollection(collection: Collection, now: Date): Promise<void> {
  const indexes = (await collection.listIndexes().toArray()) as IndexDescription[];
  for (const { key, expireAfterSeconds, partialFilterExpression = {} } of indexes) {
    const [field, ...others] = Object.keys(key);
    if (field === undefined || others.length > 0 || !Number.isFinite(expireAfterSeconds)) continue;
    const limit = new Date(now.getTime() - Number(expireAfterSeconds) * 1000);
    await collection.deleteMany({ $and: [partialFilterExpression, { [field]: { $lte: limit } }] });
  }
}

/** Loads the driver at the first sweep: it would triple the time a restart takes. */
async function connect(uri: string): Promise<MongoClient> {
  const { MongoClient } = await import('mongodb');
  return new MongoClient(uri, { maxPoolSize: 1, appName: 'ttl-sweeper' });
}
