import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Scope } from '../../../common/index.js';
import { MessagesRepository } from '../../../messages/index.js';
import type { MessageDocument } from '../../../run-record/index.js';
import { RunsService } from '../../../runs/index.js';
import { Answers } from '../answers.js';
import { openAi } from '../dialect/openai.dialect.js';
import type { WireResponse } from '../dialect/wire.js';
import { ResponseQuestions } from './response-questions.js';
import { ResponseStreams } from './response-streams.js';
import { viewOf, viewWithoutLog } from './response-view.js';

/** A run that is told to stop does so at once, unless its worker is elsewhere and in trouble. */
const CANCEL_PATIENCE_MS = 5000;

/** Responses that are there. */
@Injectable()
export class StoredResponses {
  constructor(
    private readonly questions: ResponseQuestions,
    private readonly answers: Answers,
    private readonly streams: ResponseStreams,
    private readonly runs: RunsService,
    private readonly messages: MessagesRepository,
  ) {}

  /** @throws AppError 404 `response_not_found`. */
  question(scope: Scope, messageId: string): Promise<MessageDocument> {
    return this.questions.get(scope, messageId);
  }

  /** The response as far as its run has come. @throws AppError 404 `response_not_found`. */
  async get(scope: Scope, messageId: string): Promise<WireResponse> {
    const question = await this.questions.get(scope, messageId);
    if (question.run?.events_expired === undefined)
      return viewOf(await this.answers.soFar(scope, messageId), question);
    const [exchange] = await this.messages.exchanges(scope, [messageId]);
    return viewWithoutLog(openAi.initial, question, exchange?.answer);
  }

  async stream(of: {
    scope: Scope;
    messageId: string;
    response: ServerResponse;
    startingAfter: number | undefined;
  }): Promise<Observable<never>> {
    const { scope, messageId, response, startingAfter } = of;
    const question = await this.questions.get(scope, messageId);
    return this.streams.open({ scope, question, response, startingAfter });
  }

  /** Stops the run. @returns the response when it has stopped, or after some seconds. @throws AppError 404 `response_not_found`. */
  async cancel(scope: Scope, messageId: string): Promise<WireResponse> {
    const { run } = await this.questions.get(scope, messageId);
    await this.runs.cancel(scope, messageId);
    if (run?.open === true) await this.answers.within(scope, messageId, CANCEL_PATIENCE_MS);
    return this.get(scope, messageId);
  }
}
