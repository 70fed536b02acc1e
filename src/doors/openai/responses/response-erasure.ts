import { Injectable } from '@nestjs/common';
import { ToolJournal } from '../../../agent/index.js';
import { ChatsService } from '../../../chats/index.js';
import { AppError, type Scope } from '../../../common/index.js';
import { MessagesRepository } from '../../../messages/index.js';
import { StreamsService } from '../../../streams/index.js';
import { ResponseQuestions } from './response-questions.js';

/** Deletes responses. */
@Injectable()
export class ResponseErasure {
  constructor(
    private readonly questions: ResponseQuestions,
    private readonly messages: MessagesRepository,
    private readonly chats: ChatsService,
    private readonly streams: StreamsService,
    private readonly journal: ToolJournal,
  ) {}

  /**
   * Deletes a question with its answer, its log and its tool calls; with its chat, if that has no other. Repeating the
   * request completes an interrupted deletion.
   * @throws AppError 404 `response_not_found`, 409 `run_not_ended`.
   */
  async erase(scope: Scope, messageId: string): Promise<void> {
    const { chat_id, status } = await this.questions.get(scope, messageId);
    if (status === 'pending' || status === 'processing') throw new AppError('run_not_ended');
    const others = await this.messages.idsInChats(scope.tenant, [chat_id]);
    if (others.length === 1) {
      await this.chats.erase(scope, chat_id);
      return;
    }
    await this.streams.remove(scope.tenant, [messageId]);
    await this.journal.deleteByMessages(scope.tenant, [messageId]);
    await this.messages.remove(scope, messageId);
  }
}
