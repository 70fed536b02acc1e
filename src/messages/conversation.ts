import { Injectable } from '@nestjs/common';
import type { TenantId } from '../common/index.js';
import type { MessageDocument } from './message.schema.js';
import { MessagesRepository } from './messages.repository.js';

/** A question and, once its run has ended, the answer. */
export interface Exchange {
  question: MessageDocument;
  answer: MessageDocument | undefined;
}

/** What was said before a message. */
@Injectable()
export class Conversation {
  constructor(private readonly messages: MessagesRepository) {}

  /** The exchanges before a message, oldest first: at most `limit` questions with their answers. */
  async before(tenant: TenantId, message: MessageDocument, limit: number): Promise<Exchange[]> {
    const questions = (await this.messages.before(tenant, message, limit)).reverse();
    const answers = await this.messages.answers(
      tenant,
      questions.map((question) => question._id),
    );
    const byQuestion = new Map(answers.map((answer) => [String(answer.reply_to), answer]));
    return questions.map((question) => ({ question, answer: byQuestion.get(String(question._id)) }));
  }
}
