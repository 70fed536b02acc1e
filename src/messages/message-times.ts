import { Injectable } from '@nestjs/common';
import { ChatsService, type ChatDocument } from '../chats/index.js';
import { AppError, Clock, type Scope } from '../common/index.js';
import type { HeldRun } from '../run-record/index.js';
import { MessagesRepository } from './messages.repository.js';

/**
 * Assigns the messages of a chat their times: each is later than the previous one, whatever the servers' clocks say.
 */
@Injectable()
export class MessageTimes {
  constructor(
    private readonly chats: ChatsService,
    private readonly messages: MessagesRepository,
    private readonly clock: Clock,
  ) {}

  /** For a new question. @throws AppError 404 `chat_not_found`. */
  async ofQuestion(scope: Scope, { _id, tenant_id, last_message_at }: ChatDocument): Promise<Date> {
    // Imported, or from before chats knew their latest message: queried once.
    const after = last_message_at ? undefined : await this.messages.newestTime(scope, _id);
    const time = await this.chats.nextMessageTime({ tenant_id, chat_id: _id }, after);
    if (!time) throw new AppError('chat_not_found', { id: _id });
    return time;
  }

  /** For the answer to a question; in a chat that is being deleted, any time after the question. */
  async ofAnswer({ tenant_id, chat_id, created_at }: HeldRun): Promise<Date> {
    const time = await this.chats.nextMessageTime({ tenant_id, chat_id }, created_at);
    return time ?? new Date(Math.max(this.clock.now(), created_at.getTime() + 1));
  }
}
