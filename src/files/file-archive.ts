import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import type { TenantId } from '../common/index.js';
import { FILE, type StoredFile } from './file.schema.js';
import { FilesRepository } from './files.repository.js';

/** A file as it moves to another database. */
export interface ArchivedFile {
  tenant_id: string;
  user_id: string;
  /** 24 hexadecimal digits. */
  file_id: string;
  name: string;
  media_type: string;
  created_at: Date;
  bytes: Buffer;
  /** Missing: it is an image. */
  text?: string;
}

/** Files of all tenants, for moving them from one database to another. */
@Injectable()
export class FileArchive {
  constructor(
    @InjectModel(FILE) private readonly files: Model<StoredFile>,
    private readonly contents: FilesRepository,
  ) {}

  /** Ids of the files of a chat, in order. */
  async idsOf(tenant: TenantId, chatId: string): Promise<string[]> {
    const filter = { tenant_id: tenant, chat_ids: chatId, ready: true };
    const found = await this.files
      .find(filter, { _id: 1 })
      .sort({ _id: 1 })
      .lean<Pick<StoredFile, '_id'>[]>();
    return found.map(({ _id }) => _id.toHexString());
  }

  /** A file with its content, if it exists and is complete. */
  async find(id: string): Promise<ArchivedFile | undefined> {
    const file = await this.files.findById(new Types.ObjectId(id)).lean<StoredFile>();
    if (!file?.ready) return undefined;
    const { tenant_id, user_id, name, media_type, created_at, characters } = file;
    const tenant = tenant_id as TenantId;
    const bytes = (await this.contents.contents(tenant, [id])).get(id) ?? Buffer.alloc(0);
    const known = { tenant_id, user_id, file_id: id, name, media_type, created_at, bytes };
    if (characters === undefined) return known;
    return { ...known, text: (await this.contents.beginnings(tenant, [id], Infinity)).get(id) ?? '' };
  }

  /** Stores a file that does not exist yet, as part of a chat. An earlier attempt may have left a part of it. */
  async put(chatId: string, { file_id, text, bytes, ...fields }: ArchivedFile): Promise<void> {
    const _id = new Types.ObjectId(file_id);
    await this.contents.removeUnfinished(_id);
    const size = { bytes: bytes.length, ...(text !== undefined && { characters: text.length }) };
    await this.contents.insert({ ...fields, ...size, _id, chat_ids: [chatId], ready: true }, { bytes, text });
  }

  /** A file that exists is also part of another chat. */
  async join(chatId: string, { file_id, tenant_id, user_id }: ArchivedFile): Promise<void> {
    await this.contents.claim({ tenant_id, user_id, chat_id: chatId }, [file_id]);
  }
}
