import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { StreamUrls } from '../../../platform/http/index.js';
import type { MessageDocument } from '../../../run-record/index.js';
import { StreamPlaces, type StreamPlace } from '../../../streams/index.js';
import { Answers } from '../answers.js';
import { RunFailedError } from '../errors.js';
import { answerWithJson } from '../json.js';
import type { AskedResponse } from './asked-response.js';
import { ResponseQuestions } from './response-questions.js';
import { ResponseStreams } from './response-streams.js';
import { viewOf } from './response-view.js';

/** Creates responses. */
@Injectable()
export class ResponsesService {
  constructor(
    private readonly questions: ResponseQuestions,
    private readonly answers: Answers,
    private readonly streams: ResponseStreams,
    private readonly places: StreamPlaces,
    private readonly urls: StreamUrls,
  ) {}

  /**
   * Serves an `@Sse()` route with a stream, or with the response as JSON: at once if it is to be made in the background,
   * else when its run has ended, or waits for people.
   */
  async create(asked: AskedResponse): Promise<Observable<never>> {
    const { wanted, asker, response } = asked;
    const place = wanted.stream ? this.places.reserve() : undefined;
    try {
      const question = await this.questions.of(asked);
      const message_id = question._id.toHexString();
      response.setHeader('X-Message-Id', message_id);
      response.setHeader('X-Stream-Url', this.urls.of(asker.scope, question.chat_id, message_id));
      return await this.answer(asked, question, place);
    } catch (error) {
      place?.release();
      throw error;
    }
  }

  private async answer(
    { asker, wanted, response }: AskedResponse,
    question: MessageDocument,
    place: StreamPlace | undefined,
  ): Promise<Observable<never>> {
    const { scope } = asker;
    const decides = wanted.approvals.length > 0;
    if (wanted.stream) return this.streams.open({ scope, question, response, place, decides });
    const messageId = question._id.toHexString();
    if (wanted.background)
      return answerWithJson(response, viewOf(await this.answers.soFar(scope, messageId), question));
    const decided = decides ? await this.questions.decided(scope, messageId) : undefined;
    const state = await this.answers.wait({ scope, messageId, response, decided });
    const { failure } = state;
    if (state.end?.status === 'error' && failure) throw new RunFailedError(failure.message, failure.code);
    return answerWithJson(response, viewOf(state, question));
  }
}
