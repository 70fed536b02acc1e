import { Injectable } from '@nestjs/common';
import { AppError, type FieldError, type Scope, type TenantId } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { toAttachment, type Attachment } from './attachment.js';
import { FilesRepository } from './files.repository.js';

/** A chat as files know it. */
export interface ChatOfFiles {
  tenant_id: string;
  user_id: string;
  chat_id: string;
}

/** What messages and models need to know about files. */
@Injectable()
export class AttachedFiles {
  constructor(
    private readonly files: FilesRepository,
    private readonly settings: Settings,
  ) {}

  /** Files that a message is to be sent with, in this order. @throws AppError 422 `invalid_attachments`. */
  async choose(scope: Scope, ids: readonly string[]): Promise<Attachment[]> {
    const max = this.settings.ATTACHMENTS_MAX;
    if (ids.length > max)
      throw invalid([{ field: 'attachments', message: `must be at most ${max} files, not ${ids.length}` }]);
    const found = new Map((await this.files.find(scope, ids)).map((file) => [file._id.toHexString(), file]));
    const faults: FieldError[] = [];
    const chosen = ids.flatMap((id, index) => {
      const file = found.get(id);
      const isTwice = ids.indexOf(id) < index;
      const field = `attachments.${index}.file_id`;
      if (isTwice) faults.push({ field, message: 'names a file that is attached already' });
      else if (!file) faults.push({ field, message: MISSING });
      return file ? [toAttachment(file)] : [];
    });
    if (faults.length > 0) throw invalid(faults);
    return chosen;
  }

  /** Makes files part of a chat. @throws AppError 422 `invalid_attachments` if one is gone, or another user's. */
  async claim(chat: ChatOfFiles, attachments: readonly Attachment[]): Promise<void> {
    const ids = attachments.map(({ file_id }) => file_id);
    if ((await this.files.claim(chat, ids)) < ids.length)
      throw invalid([
        { field: 'attachments', message: 'names a file that the user of this chat does not have' },
      ]);
  }

  /** The text of several documents, at least up to a place; those that are gone are missing. */
  beginnings(tenant: TenantId, ids: readonly string[], chars: number): Promise<Map<string, string>> {
    return this.files.beginnings(tenant, ids, chars);
  }

  /** The bytes of several files; those that are gone are missing. */
  contents(tenant: TenantId, ids: readonly string[]): Promise<Map<string, Buffer>> {
    return this.files.contents(tenant, ids);
  }
}

const MISSING = 'names no file that you have: it may have expired. Upload it again';

function invalid(errors: FieldError[]): AppError {
  return new AppError('invalid_attachments', { errors });
}
