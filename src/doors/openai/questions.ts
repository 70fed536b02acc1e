import { Injectable } from '@nestjs/common';
import { AgentRegistry } from '../../agent/index.js';
import { AppError, clip } from '../../common/index.js';
import { MessagesService } from '../../messages/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import type { Asker, NewQuestion } from './new-question.js';
import { OpenAiChats } from './chats.js';
import { SentFiles } from './sent-files.js';

/** Asks the questions of OpenAI's clients, in the chats that they mean. */
@Injectable()
export class OpenAiQuestions {
  constructor(
    private readonly messages: MessagesService,
    private readonly chats: OpenAiChats,
    private readonly files: SentFiles,
    private readonly agents: AgentRegistry,
  ) {}

  /**
   * Stores a question and starts its run.
   * @throws AppError `model_not_found`, `response_not_found`, `conversation_not_found`; those of messages and files.
   */
  async ask(asker: Asker, question: NewQuestion): Promise<MessageDocument> {
    const { told, model, instructions, metadata, previous, mark } = question;
    if (model !== undefined && !this.agents.find(model))
      throw new AppError('model_not_found', { id: clip(model, 100) });
    const before = previous === undefined ? undefined : await this.previous(asker, previous);
    const attachments = await this.files.store(asker, told.files);
    const chatId = before?.chat_id ?? (await this.chats.for(asker, question));
    return this.messages.create(asker.scope, chatId, {
      content: told.question,
      agent: model,
      instructions,
      metadata,
      ...(attachments.length > 0 && { attachments }),
      ...(before && { parent_message_id: before._id.toHexString() }),
      idempotencyKey: mark.key,
    });
  }

  private async previous({ scope }: Asker, messageId: string): Promise<MessageDocument> {
    try {
      return await this.messages.getQuestion(scope, messageId);
    } catch (error) {
      if (error instanceof AppError && error.code === 'message_not_found')
        throw new AppError('response_not_found', { id: `resp_${messageId}` });
      throw error;
    }
  }
}
