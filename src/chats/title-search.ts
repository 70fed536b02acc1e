import type { Model, QueryFilter } from 'mongoose';
import { literal, titleKeys } from '../common/index.js';
import type { ChatDocument } from './chat.schema.js';

/** Increases with every change in what `titleKeys` makes of a title. */
const VERSION = 1;
const BATCH = 1000;

/**
 * The chats whose title contains a folded text. Titles that have changed since the last search, or that an earlier
 * version or an import stored, are folded first: code that writes a title need not know about this.
 */
export async function withTitle(
  chats: Model<ChatDocument>,
  among: QueryFilter<ChatDocument>,
  text: string,
): Promise<QueryFilter<ChatDocument>> {
  while ((await foldSome(chats, among)) === BATCH);
  return { ...among, 'title_search.keys': { $in: titleKeys(text).map((key) => new RegExp(literal(key))) } };
}

/** @returns how many titles were outdated, at most {@link BATCH}. */
async function foldSome(chats: Model<ChatDocument>, among: QueryFilter<ChatDocument>): Promise<number> {
  const outdated = {
    $or: [
      { 'title_search.version': { $not: { $gte: VERSION } } },
      { $expr: { $ne: ['$title', '$title_search.of'] } },
    ],
  };
  const found = await chats
    .find({ ...among, ...outdated }, { title: 1 })
    .limit(BATCH)
    .lean<Pick<ChatDocument, '_id' | 'title'>[]>();
  const writes = found.map(({ _id, title }) => ({
    updateOne: {
      // A title that has changed meanwhile waits for the next search.
      filter: { _id, title },
      update: { $set: { title_search: { of: title, keys: titleKeys(title), version: VERSION } } },
    },
  }));
  if (writes.length > 0) await chats.bulkWrite(writes, { ordered: false });
  return found.length;
}
