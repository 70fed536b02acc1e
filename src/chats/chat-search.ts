import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import { AppError, covers, ownedBy, type Scope } from '../common/index.js';
import { CHAT, type ChatDocument } from './chat.schema.js';

/** Which chats of a user. */
export interface ChatSearchQuery {
  /** Values that the chats' metadata have; of a key in `orMissing`, a chat that has none fits, too. */
  metadata?: Readonly<Record<string, unknown>>;
  orMissing?: readonly string[];
  /** Ids, or what clients call the chats. */
  keys?: readonly string[];
  sort: 'created_at' | 'updated_at' | '_id';
  ascending: boolean;
  skip: number;
  limit: number;
}

/** Chats by what clients say about them. */
@Injectable()
export class ChatSearch {
  constructor(@InjectModel(CHAT) private readonly chats: Model<ChatDocument>) {}

  /** One page. @throws AppError 404 `user_not_found` for a user outside the scope. */
  async find(scope: Scope, userId: string, query: ChatSearchQuery): Promise<ChatDocument[]> {
    if (!covers(scope, userId)) throw new AppError('user_not_found', { id: userId });
    const { sort, ascending, skip, limit } = query;
    const way = ascending ? 1 : -1;
    return this.chats
      .find(filterOf(scope, userId, query))
      .sort(sort === '_id' ? { _id: way } : { [sort]: way, _id: 1 })
      .skip(skip)
      .limit(limit)
      .lean<ChatDocument[]>();
  }

  /** Changes what is said about a chat: keys that are not named stay. @returns the chat. */
  async describe(
    scope: Scope,
    chat: ChatDocument,
    change: Readonly<Record<string, unknown>>,
  ): Promise<ChatDocument> {
    const metadata = { ...chat.metadata, ...change };
    const found = await this.chats
      .findOneAndUpdate(
        { _id: chat._id, ...ownedBy(scope) },
        { $set: { metadata } },
        { returnDocument: 'after' },
      )
      .lean<ChatDocument>();
    if (!found) throw new AppError('chat_not_found', { id: chat._id });
    return found;
  }
}

function filterOf(
  { tenant }: Scope,
  user_id: string,
  { metadata = {}, orMissing = [], keys }: ChatSearchQuery,
): QueryFilter<ChatDocument> {
  const said = Object.entries(metadata).map(([field, value]) => {
    // Whatever characters a key has, it is the name of one field.
    const stored = { $getField: { field: { $literal: field }, input: '$metadata' } };
    const isEqual = { $eq: [stored, { $literal: value }] };
    return orMissing.includes(field) ? { $or: [isEqual, { $eq: [{ $type: stored }, 'missing'] }] } : isEqual;
  });
  return {
    tenant_id: tenant,
    user_id,
    deleting: { $ne: true },
    ...(keys && { $or: [{ _id: { $in: [...keys] } }, { external_key: { $in: [...keys] } }] }),
    ...(said.length > 0 && { $expr: { $and: said } }),
  };
}
