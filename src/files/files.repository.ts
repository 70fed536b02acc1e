import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { Clock, ownedBy, pageSkip, type PageQuery, type Scope, type TenantId } from '../common/index.js';
import { FILE, FILE_PART, type FilePart, type StoredFile } from './file.schema.js';
import { byFile, partsOf, type FileContent } from './file-content.js';

const INSERT_BATCH = 16;
const AS_BUFFERS = { promoteBuffers: true };

/**
 * Files and their parts in MongoDB. A file is visible only while all its parts exist and it has not expired: it is
 * stored hidden first, then its parts, then it becomes visible. It is deleted in the opposite order, so that whatever a
 * crash leaves behind is found by its time of expiry.
 */
@Injectable()
export class FilesRepository {
  constructor(
    @InjectModel(FILE) private readonly files: Model<StoredFile>,
    @InjectModel(FILE_PART) private readonly parts: Model<FilePart>,
    private readonly clock: Clock,
  ) {}

  /** @returns whether it is visible now: not if its user was erased meanwhile. */
  async insert(file: StoredFile, content: FileContent): Promise<boolean> {
    await this.files.collection.insertOne({ ...file, ready: false });
    const { _id, tenant_id } = file;
    const batch: FilePart[] = [];
    for (const part of partsOf({ tenant_id, file_id: _id }, content)) {
      batch.push(part);
      if (batch.length === INSERT_BATCH) await this.parts.collection.insertMany(batch.splice(0));
    }
    if (batch.length > 0) await this.parts.collection.insertMany(batch);
    const { matchedCount } = await this.files.updateOne({ _id }, { $set: { ready: true } });
    if (matchedCount === 0) await this.parts.deleteMany({ file_id: _id });
    return matchedCount > 0;
  }

  /** Those of some files that a scope may see. @param ids 24 hexadecimal digits each. */
  async find(scope: Scope, ids: readonly string[]): Promise<StoredFile[]> {
    const _id = { $in: ids.map((id) => new Types.ObjectId(id)) };
    return this.files.find({ _id, ...ownedBy(scope), ...this.visible() }).lean<StoredFile[]>();
  }

  /** One of the files of a chat. */
  async findInChat(tenant: TenantId, chatId: string, id: string): Promise<StoredFile | null> {
    const filter = { _id: new Types.ObjectId(id), tenant_id: tenant, chat_ids: chatId };
    return this.files.findOne({ ...filter, ...this.visible() }).lean<StoredFile>();
  }

  /** One page of a user's files, newest first, and the total number. */
  async page(tenant: TenantId, userId: string, page: PageQuery): Promise<[StoredFile[], number]> {
    const filter = { tenant_id: tenant, user_id: userId, ...this.visible() };
    return Promise.all([
      this.files
        .find(filter)
        .sort({ created_at: -1, _id: -1 })
        .skip(pageSkip(page))
        .limit(page.page_size)
        .lean<StoredFile[]>(),
      this.files.countDocuments(filter),
    ]);
  }

  /** Bytes of all files of a user. */
  async bytesOf(tenant: TenantId, userId: string): Promise<number> {
    const [sum] = await this.files.aggregate<{ bytes: number }>([
      { $match: { tenant_id: tenant, user_id: userId } },
      { $group: { _id: null, bytes: { $sum: '$bytes' } } },
    ]);
    return sum?.bytes ?? 0;
  }

  /** Files become part of a chat, and expire no longer. @returns how many of them are there. */
  async claim(
    { tenant_id, user_id, chat_id }: Pick<StoredFile, 'tenant_id' | 'user_id'> & { chat_id: string },
    ids: readonly string[],
  ): Promise<number> {
    const _id = { $in: ids.map((id) => new Types.ObjectId(id)) };
    const theirs = { _id, tenant_id, user_id, ready: true };
    const count = await this.files.countDocuments(theirs);
    // All of them or none.
    if (count < ids.length) return count;
    const change = { $addToSet: { chat_ids: chat_id }, $unset: { expires_at: 1 } };
    return (await this.files.updateMany(theirs, change)).matchedCount;
  }

  /** The bytes of a file, piece by piece. */
  async *content(tenant: TenantId, id: Types.ObjectId): AsyncGenerator<Buffer, void, undefined> {
    const cursor = this.parts.collection
      .find<FilePart>({ file_id: id, kind: 'bytes', tenant_id: tenant }, AS_BUFFERS)
      .sort({ at: 1 })
      .batchSize(4);
    for await (const part of cursor) if (part.bytes) yield part.bytes;
  }

  /** The bytes of several files; those that are gone are missing. */
  async contents(tenant: TenantId, ids: readonly string[]): Promise<Map<string, Buffer>> {
    if (ids.length === 0) return new Map();
    const file_id = { $in: ids.map((id) => new Types.ObjectId(id)) };
    const found = await this.parts.collection
      .find<FilePart>({ file_id, kind: 'bytes', tenant_id: tenant }, AS_BUFFERS)
      .sort({ file_id: 1, at: 1 })
      .toArray();
    return new Map(
      [...byFile(found)].map(([id, parts]) => [id, Buffer.concat(parts.flatMap(({ bytes }) => bytes ?? []))]),
    );
  }

  /** The pieces of text that begin before a place, of several files; those that are gone are missing. */
  async beginnings(tenant: TenantId, ids: readonly string[], before: number): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const file_id = { $in: ids.map((id) => new Types.ObjectId(id)) };
    const found = await this.parts.collection
      .find<FilePart>({ file_id, kind: 'text', at: { $lt: before }, tenant_id: tenant })
      .sort({ file_id: 1, at: 1 })
      .toArray();
    return new Map([...byFile(found)].map(([id, parts]) => [id, parts.map(({ text }) => text).join('')]));
  }

  /** The text of a file from one place up to another. */
  async text(tenant: TenantId, id: Types.ObjectId, range: { from: number; to: number }): Promise<string> {
    const found = await this.parts.collection
      .find<FilePart>({ file_id: id, kind: 'text', at: { $lt: range.to }, tenant_id: tenant })
      .sort({ at: 1 })
      .toArray();
    const wanted = found.filter(({ at, text = '' }) => at + text.length > range.from);
    const first = wanted[0]?.at ?? 0;
    const text = wanted.map((part) => part.text).join('');
    return text.slice(Math.max(0, range.from - first), range.to - first).toWellFormed();
  }

  /** Hides a file and its content. @returns whether there was one. */
  async hide(scope: Scope, id: string): Promise<boolean> {
    const filter = { _id: new Types.ObjectId(id), ...ownedBy(scope), ...this.visible() };
    const change = { $set: { ready: false, expires_at: new Date(0) } };
    return (await this.files.updateOne(filter, change)).matchedCount > 0;
  }

  /** Hides the files of a user. */
  async hideOf(tenant: TenantId, userId: string): Promise<void> {
    const change = { $set: { ready: false, expires_at: new Date(0) } };
    await this.files.updateMany({ tenant_id: tenant, user_id: userId }, change);
  }

  /** Some chats are gone. Hides the files that no other chat has. One write, so that it can be repeated. */
  async leaveChats(tenant: TenantId, chatIds: readonly string[]): Promise<void> {
    const left = { $setDifference: ['$chat_ids', [...chatIds]] };
    const isLast = { $eq: [left, []] };
    await this.files.collection.updateMany({ tenant_id: tenant, chat_ids: { $in: [...chatIds] } }, [
      {
        $set: {
          chat_ids: left,
          ready: { $and: ['$ready', { $not: [isLast] }] },
          expires_at: { $cond: [isLast, new Date(0), '$$REMOVE'] },
        },
      },
    ]);
  }

  /** Hides what has expired, and removes some hidden files with their parts. @returns how many files. */
  async sweep(limit: number): Promise<number> {
    const old = { expires_at: { $lte: new Date(this.clock.now()) } };
    const found = await this.files
      .find(old, { _id: 1 })
      .sort({ expires_at: 1 })
      .limit(limit)
      .lean<Pick<StoredFile, '_id'>[]>();
    if (found.length === 0) return 0;
    const _id = { $in: found.map((file) => file._id) };
    // A message may have taken one of them in the meantime.
    await this.files.updateMany({ _id, ...old }, { $set: { ready: false } });
    const gone = await this.files
      .find({ _id, ready: false, ...old }, { _id: 1 })
      .lean<Pick<StoredFile, '_id'>[]>();
    const ids = gone.map((file) => file._id);
    await this.parts.deleteMany({ file_id: { $in: ids } });
    await this.files.deleteMany({ _id: { $in: ids } });
    return found.length;
  }

  /** Removes what is left of a file that was not stored whole. */
  async removeUnfinished(id: Types.ObjectId): Promise<void> {
    if (await this.files.exists({ _id: id, ready: true })) return;
    await this.parts.deleteMany({ file_id: id });
    await this.files.deleteOne({ _id: id, ready: false });
  }

  private visible(): { ready: true; $or: object[] } {
    // `null` finds the missing field.
    return { ready: true, $or: [{ expires_at: null }, { expires_at: { $gt: new Date(this.clock.now()) } }] };
  }
}
