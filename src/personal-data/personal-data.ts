import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection, mongo } from 'mongoose';
import { CHAT } from '../chats/index.js';
import { AppError, Clock, covers, type Scope, type TenantId } from '../common/index.js';
import { FILE } from '../files/index.js';
import { MESSAGE } from '../run-record/index.js';
import { USER } from '../users/index.js';
import { belongingOf, type Belonging } from './belongings.js';
import { toRecord, withoutSecrets } from './personal-record.js';

/** A document of one person. */
export interface PersonalRecord {
  collection: string;
  record: unknown;
}

type Query = mongo.Filter<mongo.Document>;
type Records = AsyncGenerator<PersonalRecord, void, undefined>;

/** Whose data. */
export interface Person {
  tenant: TenantId;
  userId: string;
}

/** A collection of the database, and to whom its documents belong, if that is known. */
interface Collection {
  name: string;
  belonging: Belonging | undefined;
}

const BATCH = 20;

/**
 * Everything that is stored about one person, as erasing them deletes it. Collections are found by the fields of their
 * schemas, so that one that is new is not forgotten. Nothing is ever held in memory but some documents.
 */
@Injectable()
export class PersonalData {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError 404 `user_not_found`, also outside of the scope. */
  async require(scope: Scope, userId: string): Promise<Person> {
    if (!covers(scope, userId)) throw new AppError('user_not_found', { id: userId });
    return this.find(scope.tenant, userId);
  }

  /** For operators. @throws AppError 404 `user_not_found`. */
  async find(tenant: TenantId, userId: string): Promise<Person> {
    const found = await this.collection(USER).findOne({ tenant_id: tenant, user_id: userId });
    if (!found) throw new AppError('user_not_found', { id: userId });
    return { tenant, userId };
  }

  /** JSON Lines: a header, a line for each document, and an end with their number, without which it is truncated. */
  async *lines({ tenant, userId }: Person): AsyncGenerator<string, void, undefined> {
    const exported_at = new Date(this.clock.now()).toISOString();
    yield line({ type: 'reprise-person', v: 1, tenant_id: tenant, user_id: userId, exported_at });
    let records = 0;
    for await (const record of this.records({ tenant, userId })) {
      records++;
      yield line(record);
    }
    yield line({ type: 'end', records });
  }

  /** Collections that nothing says about to whom they belong. There must be none. */
  async unknown(): Promise<string[]> {
    return (await this.collections()).filter(({ belonging }) => !belonging).map(({ name }) => name);
  }

  /** Those in the database, also of modules that this process does not have: a command has no logins. */
  private async collections(): Promise<Collection[]> {
    const models = Object.values(this.connection.models);
    const schemas = new Map(models.map(({ collection, schema }) => [collection.collectionName, schema]));
    const found = (await this.connection.db?.listCollections({}, { nameOnly: true }).toArray()) ?? [];
    const names = found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
    return names.sort().map((name) => ({ name, belonging: belongingOf(name, schemas.get(name)) }));
  }

  private async *records({ tenant, userId }: Person): Records {
    const collections = await this.collections();
    const of = (belonging: Belonging): string[] =>
      collections.filter((one) => one.belonging === belonging).map(({ name }) => name);
    const owner = { tenant_id: tenant, user_id: userId };
    for (const name of of('user')) {
      const isPlain = [USER, CHAT, FILE].some((model) => this.nameOf(model) === name);
      const query = { user_id: userId, tenant_id: { $in: [tenant, null] } };
      yield* this.found(name, query, { convert: isPlain ? toRecord : withoutSecrets });
    }
    for (const name of of('day')) yield* this.found(name, { '_id.t': tenant, '_id.u': userId });
    for (const name of of('audit')) yield* this.found(name, { tenant_id: tenant, users: userId });
    for (const { _id } of await this.keys(FILE, owner))
      for (const name of of('file')) yield* this.found(name, { file_id: _id }, { sort: PARTS });
    for (const { _id } of await this.keys(CHAT, owner)) {
      const place = { tenant_id: tenant, chat_id: String(_id) };
      for (const name of of('chat')) yield* this.found(name, place);
      for (const message of await this.keys(MESSAGE, { ...place, role: 'user' }))
        for (const name of of('message')) yield* this.found(name, logOf(tenant, message._id));
    }
  }

  private async *found(
    name: string,
    query: Query,
    { convert = toRecord, sort = BY_ID }: { convert?: typeof toRecord; sort?: Record<string, 1> } = {},
  ): Records {
    const documents = this.connection.collection(name).find(query).sort(sort).batchSize(BATCH);
    for await (const document of documents) yield { collection: name, record: convert(document) };
  }

  /** Ids first, because a cursor would not outlive a slow reader. */
  private async keys(name: string, query: Query): Promise<mongo.Document[]> {
    return this.collection(name)
      .find(query, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .toArray();
  }

  private nameOf(model: string): string {
    return this.connection.model(model).collection.collectionName;
  }

  private collection(model: string): mongo.Collection {
    return this.connection.collection(this.nameOf(model));
  }
}

/** The events of a message, by their places. */
function logOf(tenant: TenantId, m: unknown): Query {
  const places: unknown = { $gte: { m, s: 0 }, $lte: { m, s: Number.MAX_SAFE_INTEGER } };
  return { _id: places, tenant_id: tenant } as Query;
}

const BY_ID = { _id: 1 } as const;
const PARTS = { file_id: 1, kind: 1, at: 1 } as const;
const line = (value: object): string => `${JSON.stringify(value)}\n`;
