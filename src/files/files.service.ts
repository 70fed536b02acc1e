import { Injectable } from '@nestjs/common';
import { Types } from 'mongoose';
import {
  AppError,
  Clock,
  covers,
  toPage,
  type Page,
  type PageQuery,
  type Scope,
  type TenantId,
} from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { UsersService } from '../users/index.js';
import type { StoredFile } from './file.schema.js';
import { fileName } from './file-name.js';
import { FilesRepository } from './files.repository.js';
import { FileRecognition } from './reading/file-recognition.js';

const HOUR_MS = 3_600_000;

/** A file as a client sends it. */
export interface NewFile {
  /** As the client calls it. */
  name: string;
  bytes: Buffer;
}

/** What users upload. */
@Injectable()
export class FilesService {
  constructor(
    private readonly files: FilesRepository,
    private readonly recognition: FileRecognition,
    private readonly users: UsersService,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /**
   * Stores a file for a user, who is created on first use. It expires unless a message is sent with it.
   * @throws AppError `user_not_found` for a user outside the scope, `file_storage_full`, and those of
   * {@link FileRecognition}.
   */
  async create(scope: Scope, userId: string, { name: given, bytes }: NewFile): Promise<StoredFile> {
    await this.users.getOrCreate(scope, userId);
    await this.assertRoom(scope.tenant, userId, bytes.length);
    const name = fileName(given);
    const { media_type, text } = await this.recognition.recognise(name, bytes);
    const now = this.clock.now();
    const file: StoredFile = {
      _id: new Types.ObjectId(),
      tenant_id: scope.tenant,
      user_id: userId,
      name,
      media_type,
      bytes: bytes.length,
      ...(text !== undefined && { characters: text.length }),
      chat_ids: [],
      created_at: new Date(now),
      expires_at: new Date(now + this.settings.FILE_UNUSED_HOURS * HOUR_MS),
      ready: true,
    };
    if (!(await this.files.insert(file, { bytes, text })))
      throw new AppError('user_not_found', { id: userId });
    return file;
  }

  /** @throws AppError 404 `file_not_found`. */
  async get(scope: Scope, id: string): Promise<StoredFile> {
    const [file] = await this.files.find(scope, [id]);
    if (!file) throw new AppError('file_not_found', { id });
    return file;
  }

  /**
   * One page of a user's files, newest first. An unknown user has none.
   * @throws AppError 404 `user_not_found` for a user outside the scope.
   */
  async page(scope: Scope, userId: string, query: PageQuery): Promise<Page<StoredFile>> {
    if (!covers(scope, userId)) throw new AppError('user_not_found', { id: userId });
    const [items, total] = await this.files.page(scope.tenant, userId, query);
    return toPage(items, total, query);
  }

  /** The bytes of a file, piece by piece. */
  content({ tenant_id, _id }: StoredFile): AsyncIterable<Buffer> {
    return this.files.content(tenant_id as TenantId, _id);
  }

  /** Deletes a file; messages that it is attached to keep its name. @throws AppError 404 `file_not_found`. */
  async delete(scope: Scope, id: string): Promise<void> {
    if (!(await this.files.hide(scope, id))) throw new AppError('file_not_found', { id });
    await this.files.sweep(1);
  }

  private async assertRoom(tenant: TenantId, userId: string, bytes: number): Promise<void> {
    const max_bytes = this.settings.FILES_MAX_BYTES_PER_USER;
    if ((await this.files.bytesOf(tenant, userId)) + bytes > max_bytes)
      throw new AppError('file_storage_full', { max_bytes });
  }
}
