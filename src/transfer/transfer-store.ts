import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { isDeepStrictEqual } from 'node:util';
import { Types, type Connection, type mongo } from 'mongoose';
import { ToolCallDocument } from '../agent/index.js';
import { CHAT, type ChatDocument } from '../chats/index.js';
import type { TenantId } from '../common/index.js';
import { MESSAGE, type MessageDocument } from '../run-record/index.js';
import { isDuplicateKeyError } from '../platform/mongo/index.js';
import { WorkspaceFile } from '../tools/index.js';
import { USER, type UserDocument } from '../users/index.js';

/** What identifies a user. */
export type UserKey = Pick<UserDocument, 'tenant_id' | 'user_id'>;

/** One document to be stored, if its place is free. */
export interface Placement {
  /** Name of the model. */
  model: string;
  /** Finds whatever occupies the place, of any tenant. */
  place: mongo.Filter<mongo.Document>;
  document: object;
  /** What is compared between two documents. */
  essence: (document: never) => unknown;
}

/** `free` nothing is there, `same` it exists already, `other` something else occupies the place. */
export type PlaceState = 'free' | 'same' | 'other';

/** The collections as an export reads them and an import fills them: nothing is ever changed or replaced. */
@Injectable()
export class TransferStore {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /** Questions of a chat, oldest first. Only ids, because a cursor would not outlive a slow reader. */
  async questionIds(tenant: TenantId, chatId: string): Promise<string[]> {
    const rows = await this.collection(MESSAGE)
      .find({ tenant_id: tenant, chat_id: chatId, role: 'user' }, { projection: { _id: 1 } })
      .sort({ created_at: 1, _id: 1 })
      .toArray();
    return rows.map(({ _id }) => _id.toHexString());
  }

  /** A message as it is now, if it exists. */
  async message(tenant: TenantId, id: string): Promise<MessageDocument | null> {
    const filter = { _id: new Types.ObjectId(id), tenant_id: tenant };
    return this.collection(MESSAGE).findOne<MessageDocument>(filter);
  }

  /** The answer to a question. */
  async answer(tenant: TenantId, question: Types.ObjectId): Promise<MessageDocument | null> {
    return this.collection(MESSAGE).findOne<MessageDocument>({ reply_to: question, tenant_id: tenant });
  }

  /** The tool calls of a message, one at a time. */
  toolCalls(tenant: TenantId, message: Types.ObjectId): AsyncIterable<ToolCallDocument> {
    return this.collection(ToolCallDocument.name)
      .find<ToolCallDocument>({ message_id: message, tenant_id: tenant })
      .sort({ step: 1, position: 1 })
      .batchSize(8);
  }

  /** The files of a chat by path, one at a time. */
  files(tenant: TenantId, chatId: string): AsyncIterable<WorkspaceFile> {
    return this.collection(WorkspaceFile.name)
      .find<WorkspaceFile>({ tenant_id: tenant, chat_id: chatId })
      .sort({ path: 1 })
      .batchSize(8);
  }

  /** Chats of all tenants by id, after a given one, without those that are being deleted. */
  async chatsBehind(id: string | undefined, limit: number): Promise<ChatDocument[]> {
    const filter = { deleting: { $ne: true }, ...(id !== undefined && { _id: { $gt: id } }) };
    return this.collection<ChatDocument>(CHAT).find(filter).sort({ _id: 1 }).limit(limit).toArray();
  }

  /** Users of all tenants by tenant and id, after a given one. */
  async usersBehind(user: UserKey | undefined, limit: number): Promise<UserDocument[]> {
    const { tenant_id, user_id } = user ?? {};
    const filter = user
      ? { $or: [{ tenant_id: { $gt: tenant_id } }, { tenant_id, user_id: { $gt: user_id } }] }
      : {};
    return this.collection(USER)
      .find<UserDocument>(filter)
      .sort({ tenant_id: 1, user_id: 1 })
      .limit(limit)
      .toArray();
  }

  /** Approximate numbers, for reporting progress. */
  async estimate(): Promise<{ chats: number; documents: number; users: number }> {
    const [chats, documents, users] = await Promise.all(
      [CHAT, 'Document', USER].map((model) => this.collection(model).estimatedDocumentCount()),
    );
    return { chats: chats ?? 0, documents: documents ?? 0, users: users ?? 0 };
  }

  /** A chat of any tenant. */
  async chat(id: string): Promise<ChatDocument | null> {
    return this.collection<ChatDocument>(CHAT).findOne({ _id: id });
  }

  /** Whether a chat's external key belongs to another chat of its user here. */
  async hasExternalKey({ _id, tenant_id, user_id, external_key }: ChatDocument): Promise<boolean> {
    if (external_key === undefined) return false;
    const other = { _id: { $ne: _id }, tenant_id, user_id, external_key };
    return (await this.collection<ChatDocument>(CHAT).findOne(other)) !== null;
  }

  /** Makes sure that a user exists. An existing one stays unchanged. */
  async ensureUser(tenant: TenantId, userId: string, since: Date): Promise<void> {
    const user = { name: null, email: null, created_at: since, last_active: since };
    await this.collection(USER).updateOne(
      { tenant_id: tenant, user_id: userId },
      { $setOnInsert: user },
      { upsert: true },
    );
  }

  /** The state of a document's place. */
  async look({ model, place, document, essence }: Placement): Promise<PlaceState> {
    const holders = await this.collection(model).find(place).toArray();
    if (holders.length === 0) return 'free';
    const identify = (one: object): unknown => [
      (one as { tenant_id?: string }).tenant_id,
      (one as { chat_id?: string }).chat_id,
      essence(one as never),
    ];
    return holders.every((holder) => isDeepStrictEqual(identify(holder), identify(document)))
      ? 'same'
      : 'other';
  }

  /** Stores a document at its place. @returns the state of the place before. */
  async put(placement: Placement): Promise<PlaceState> {
    const state = await this.look(placement);
    if (state !== 'free') return state;
    try {
      await this.collection(placement.model).insertOne({ ...placement.document });
      return 'free';
    } catch (error) {
      if (!isDuplicateKeyError(error)) throw error;
      return (await this.look(placement)) === 'same' ? 'same' : 'other';
    }
  }

  private collection<T extends mongo.Document = mongo.Document>(model: string): mongo.Collection<T> {
    return this.connection.model(model).collection as unknown as mongo.Collection<T>;
  }
}
