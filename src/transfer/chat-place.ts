import { Injectable } from '@nestjs/common';
import { CHAT } from '../chats/index.js';
import { UserIdPipe } from '../platform/http/index.js';
import { TransferError } from './errors.js';
import type { ImportTarget } from './import-target.js';
import { fromChatRecord, toChatRecord } from './mapping.js';
import type { ChatRecord } from './records.js';
import { TransferStore } from './transfer-store.js';

/** The destination of a file's chat. Its title and activity may have changed here since; its owner may not. */
@Injectable()
export class ChatPlace {
  constructor(private readonly store: TransferStore) {}

  /**
   * @param writes creates the chat, and its user, if missing.
   * @returns whether the chat is new. @throws TransferError if the chat here belongs to somebody else, or is being
   * deleted.
   */
  async take(record: ChatRecord, { tenant, user }: ImportTarget, writes: boolean): Promise<boolean> {
    const userId = new UserIdPipe().transform(user ?? record.user_id);
    const chat = fromChatRecord({ ...record, user_id: userId }, tenant);
    const here = await this.store.chat(chat._id);
    if (here) {
      const id = chat._id;
      if (here.tenant_id !== tenant) throw refused(id, 'belongs to another tenant');
      if (here.deleting) throw refused(id, 'is being deleted');
      if (here.user_id !== userId) throw refused(id, `belongs to user "${here.user_id}"`);
      if (here.created_at.getTime() !== chat.created_at.getTime()) throw refused(id, 'is a different chat');
      return false;
    }
    if (!writes) return true;
    if (await this.store.hasExternalKey(chat)) delete chat.external_key;
    await this.store.ensureUser(tenant, userId, chat.created_at);
    const placement = {
      model: CHAT,
      place: { _id: chat._id as never },
      document: chat,
      essence: toChatRecord,
    };
    if ((await this.store.put(placement)) === 'other') throw refused(chat._id, 'was created in the meantime');
    return true;
  }
}

function refused(chatId: string, why: string): TransferError {
  return new TransferError(`Chat ${chatId} already exists here and ${why}. Nothing was overwritten.`);
}
