import { Injectable } from '@nestjs/common';
import { AppError, type Scope } from '../../../common/index.js';
import { MessagesService } from '../../../messages/index.js';
import type { MessageDocument } from '../../../run-record/index.js';
import { OpenAiDecisions } from '../decisions.js';
import { responseId } from '../dialect/response-object.js';
import { OpenAiQuestions } from '../questions.js';
import { Repeats } from '../repeats.js';
import type { AskedResponse } from './asked-response.js';

/** The questions behind responses. */
@Injectable()
export class ResponseQuestions {
  constructor(
    private readonly questions: OpenAiQuestions,
    private readonly decisions: OpenAiDecisions,
    private readonly repeats: Repeats,
    private readonly messages: MessagesService,
  ) {}

  /**
   * The question of a request: a new one, that of an earlier attempt of the same request, or the one whose calls the
   * request decides.
   */
  async of({ asker, wanted, mark }: Omit<AskedResponse, 'response'>): Promise<MessageDocument> {
    const { scope, person } = asker;
    const { told, approvals, store, ...request } = wanted;
    const earlier = told && (await this.repeats.find(scope, person, mark));
    if (earlier) return earlier;
    const decidedMessage = await this.decisions.decide(scope, approvals);
    if (!told) return this.get(scope, decidedMessage ?? '');
    const isElsewhere = request.previous !== undefined || request.conversation !== undefined;
    const previous = isElsewhere ? request.previous : decidedMessage;
    return this.questions.ask(asker, { ...request, told, previous, isKept: store, mark });
  }

  /** @throws AppError 404 `response_not_found`. */
  async get(scope: Scope, messageId: string): Promise<MessageDocument> {
    try {
      return await this.messages.getQuestion(scope, messageId);
    } catch (error) {
      if (error instanceof AppError && error.code === 'message_not_found')
        throw new AppError('response_not_found', { id: responseId(messageId) });
      throw error;
    }
  }

  decided(scope: Scope, messageId: string): Promise<Set<string>> {
    return this.decisions.decided(scope, messageId);
  }
}
