import { Injectable } from '@nestjs/common';
import type { KnownChat } from '../chats/index.js';
import type { Scope } from '../common/index.js';
import { AttachedFiles } from '../files/index.js';
import type { MessageDocument } from '../run-record/index.js';
import { Branches, type Branch, type WantedPlace } from './branches.js';

/** A file that a message is to be sent with. */
export interface WantedAttachment {
  /** 24 hexadecimal digits. */
  file_id: string;
}

/** What a new question refers to. */
export interface WantedReferences extends WantedPlace {
  /** Default: the files of the question that it replaces. */
  attachments?: readonly WantedAttachment[] | undefined;
}

/** The same as it is stored with the question; nothing if it simply follows the newest one. */
export type FoundReferences = Branch & Pick<MessageDocument, 'attachments'>;

/** Other messages, and files, that a new question refers to. */
@Injectable()
export class References {
  constructor(
    private readonly branches: Branches,
    private readonly files: AttachedFiles,
  ) {}

  /** @throws AppError `message_not_found`, `invalid_attachments`, `validation_failed` if two places are wanted. */
  async of(scope: Scope, chatId: string, wanted: WantedReferences): Promise<FoundReferences> {
    const { branch, replaced } = await this.branches.of(scope, chatId, wanted);
    const named = wanted.attachments?.map(({ file_id }) => file_id.toLowerCase());
    // Files that are gone by now stay with the question that is asked again.
    if (named === undefined) return withFiles(branch, replaced?.attachments);
    return withFiles(branch, named.length > 0 ? await this.files.choose(scope, named) : []);
  }

  /** The question is about to be stored. @throws AppError `invalid_attachments` if a file is gone by now. */
  async claim({ _id, tenant_id, user_id }: KnownChat, { attachments = [] }: FoundReferences): Promise<void> {
    await this.files.claim({ tenant_id, user_id, chat_id: _id }, attachments);
  }
}

function withFiles(branch: Branch, attachments: FoundReferences['attachments']): FoundReferences {
  return attachments && attachments.length > 0 ? { ...branch, attachments } : branch;
}
