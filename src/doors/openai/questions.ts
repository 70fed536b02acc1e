import { Injectable } from '@nestjs/common';
import { AgentRegistry } from '../../agent/index.js';
import { AppError, clip } from '../../common/index.js';
import { MessagesService } from '../../messages/index.js';
import { Settings } from '../../platform/config/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import type { Asker, NewQuestion } from './new-question.js';
import { OpenAiChats } from './chats.js';
import { invalid } from './request/parse.js';
import { SentFiles } from './sent-files.js';

/** Asks the questions of OpenAI's clients, in the chats that they mean. */
@Injectable()
export class OpenAiQuestions {
  constructor(
    private readonly messages: MessagesService,
    private readonly chats: OpenAiChats,
    private readonly files: SentFiles,
    private readonly agents: AgentRegistry,
    private readonly settings: Settings,
  ) {}

  /**
   * Stores a question and starts its run.
   * @throws AppError `model_not_found`, `response_not_found`, `conversation_not_found`; those of messages and files.
   */
  async ask(asker: Asker, question: NewQuestion): Promise<MessageDocument> {
    const { told, model, instructions, previous } = question;
    if (model !== undefined && !this.agents.find(model))
      throw new AppError('model_not_found', { id: clip(model, 100) });
    this.assertShort(told.field, told.question);
    this.assertShort('instructions', instructions);
    const before = previous === undefined ? undefined : await this.previous(asker, previous);
    const attachments = await this.files.store(asker, told.files);
    if (before) return this.send(asker, before.chat_id, { ...question, attachments, before });
    return this.chats.with(asker, question, (chatId) =>
      this.send(asker, chatId, { ...question, attachments }),
    );
  }

  private send(
    { scope }: Asker,
    chatId: string,
    question: NewQuestion & { attachments: { file_id: string }[]; before?: MessageDocument },
  ): Promise<MessageDocument> {
    const { told, model, instructions, metadata, mark, attachments, before } = question;
    return this.messages.create(scope, chatId, {
      content: told.question,
      agent: model,
      instructions,
      metadata,
      ...(attachments.length > 0 && { attachments }),
      ...(before && { parent_message_id: before._id.toHexString() }),
      idempotencyKey: mark.key,
    });
  }

  /** @throws AppError `validation_failed`. */
  private assertShort(field: string, text = ''): void {
    const max = this.settings.CONTENT_MAX_CHARS;
    if (text.length > max && Array.from(text).length > max)
      throw invalid(field, `must be at most ${max} characters long`);
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
