import { Injectable } from '@nestjs/common';
import { InjectModel, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Clock, cleanText, clip, type TenantId } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { ToolError } from './tool.js';

/** A file of a chat's virtual file system, as stored. */
@Schema({ collection: 'workspace_files', versionKey: false })
export class WorkspaceFile {
  @Prop({ type: String, required: true })
  tenant_id!: string;

  @Prop({ type: String, required: true })
  chat_id!: string;

  @Prop({ type: String, required: true })
  path!: string;

  // Not `required`: Mongoose would reject an empty file.
  @Prop({ type: String, default: '' })
  content!: string;

  /** UTF-8 bytes of `content`. */
  @Prop({ type: Number, required: true })
  bytes!: number;

  @Prop({ type: Date, required: true })
  updated_at!: Date;
}

/** Schema of {@link WorkspaceFile}; a path is unique within a chat. */
export const WorkspaceFileSchema = SchemaFactory.createForClass(WorkspaceFile);
WorkspaceFileSchema.index({ tenant_id: 1, chat_id: 1, path: 1 }, { unique: true });

/** A file without its content. */
export type FileInfo = Pick<WorkspaceFile, 'path' | 'bytes' | 'updated_at'>;

/** The owner of the files. */
export interface Workspace {
  tenant: TenantId;
  chat_id: string;
}

const INVALID_PATH = 'invalid_path';
const PATH_MAX_CHARS = 200;
/** A MongoDB document can have 16 MB; a file stays well below. */
const FILE_MAX_BYTES = 8 * 1024 * 1024;
const LIST_MAX_FILES = 1000;

/** The virtual file system of each chat: what the agent writes in one run it finds again in the next. */
@Injectable()
export class WorkspaceFiles {
  /** Writers of one chat queue up, so that parallel writes of one turn cannot exceed the size limit together. */
  private readonly writers = new Map<string, Promise<unknown>>();

  constructor(
    @InjectModel(WorkspaceFile.name) private readonly files: Model<WorkspaceFile>,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Content of a file; `undefined` if there is none. @throws ToolError for a path outside the workspace. */
  async read({ tenant, chat_id }: Workspace, path: string): Promise<string | undefined> {
    const key = { tenant_id: tenant, chat_id, path: normalizePath(path) };
    return (await this.files.findOne(key, { content: 1 }).lean())?.content;
  }

  /**
   * Creates or replaces a file.
   * @throws ToolError if the path is invalid or the chat's files would exceed `WORKSPACE_MAX_BYTES`.
   */
  async write(workspace: Workspace, path: string, content: string): Promise<FileInfo> {
    const key = `${workspace.tenant}/${workspace.chat_id}`;
    const before = this.writers.get(key) ?? Promise.resolve();
    const mine = before
      .catch(() => undefined)
      .then(() => this.writeNow(workspace, normalizePath(path), cleanText(content)));
    this.writers.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.writers.get(key) === mine) this.writers.delete(key);
    }
  }

  /** Files of the chat by path; at most 1,000. */
  async list({ tenant, chat_id }: Workspace): Promise<FileInfo[]> {
    return this.files
      .find({ tenant_id: tenant, chat_id }, { _id: 0, path: 1, bytes: 1, updated_at: 1 })
      .sort({ path: 1 })
      .limit(LIST_MAX_FILES)
      .lean<FileInfo[]>();
  }

  /** Deletes the files of these chats. */
  async deleteByChats(tenant: TenantId, chatIds: readonly string[]): Promise<void> {
    await this.files.deleteMany({ tenant_id: tenant, chat_id: { $in: [...chatIds] } });
  }

  private async writeNow({ tenant, chat_id }: Workspace, path: string, content: string): Promise<FileInfo> {
    const bytes = Buffer.byteLength(content);
    const limit = this.settings.WORKSPACE_MAX_BYTES;
    if (bytes > FILE_MAX_BYTES)
      throw new ToolError(`The file is too large: ${bytes} of ${FILE_MAX_BYTES} bytes.`, 'file_too_large');
    const others = await this.usedBytes({ tenant, chat_id }, path);
    if (others + bytes + path.length > limit) {
      throw new ToolError(
        `The workspace is full: ${others} bytes in other files, ${bytes} more, ${limit} allowed.`,
        'workspace_full',
      );
    }
    const info = { path, bytes, updated_at: new Date(this.clock.now()) };
    await this.files.updateOne(
      { tenant_id: tenant, chat_id, path },
      { $set: { content, ...info } },
      { upsert: true },
    );
    return info;
  }

  /** Paths count too, so that empty files cannot pile up without limit. */
  private async usedBytes({ tenant, chat_id }: Workspace, except: string): Promise<number> {
    const rows = await this.files.aggregate<{ total: number }>([
      { $match: { tenant_id: tenant, chat_id, path: { $ne: except } } },
      { $group: { _id: null, total: { $sum: { $add: ['$bytes', { $strLenBytes: '$path' }] } } } },
    ]);
    return rows[0]?.total ?? 0;
  }
}

/**
 * `./a//b.md`, `/a/b.md` → `a/b.md`.
 * @throws ToolError for `..`, an empty path, control characters or more than 200 characters.
 */
export function normalizePath(path: string): string {
  const names = path
    .replaceAll('\\', '/')
    .split('/')
    .map((name) => name.trim());
  const parts = names.filter((name) => name !== '' && name !== '.');
  const normal = parts.join('/').normalize('NFC');
  if (parts.includes('..') || normal === '' || /\p{Cc}/u.test(normal) || !normal.isWellFormed()) {
    throw new ToolError(`"${clip(path, PATH_MAX_CHARS)}" is not a path inside the workspace.`, INVALID_PATH);
  }
  if (normal.length > PATH_MAX_CHARS)
    throw new ToolError(`The path is longer than ${PATH_MAX_CHARS} characters.`, INVALID_PATH);
  return normal;
}
