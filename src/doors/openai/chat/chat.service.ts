import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { ResponseOutputItem } from 'openai/resources/responses/responses';
import { StreamUrls } from '../../../platform/http/index.js';
import type { MessageDocument } from '../../../run-record/index.js';
import {
  LogAccess,
  StreamPlaces,
  StreamTransport,
  type Dialect,
  type StreamPlace,
} from '../../../streams/index.js';
import { Answers } from '../answers.js';
import { textOf } from '../dialect/draft.js';
import type { OpenAiState } from '../dialect/state.js';
import { RunFailedError } from '../errors.js';
import { answerWithJson } from '../json.js';
import type { Asker } from '../new-question.js';
import type { ChatRequest } from '../request/chat-request.js';
import { chatChunks, chatChunksWithUsage, completionId, FINISHED } from './chat.dialect.js';

/** Where an answer goes. */
export interface WantedCompletion {
  asker: Asker;
  wanted: ChatRequest;
  response: ServerResponse;
}

/** Answers chat completions. */
@Injectable()
export class ChatCompletions {
  constructor(
    private readonly answers: Answers,
    private readonly logs: LogAccess,
    private readonly places: StreamPlaces,
    private readonly transport: StreamTransport,
    private readonly urls: StreamUrls,
  ) {}

  /** Serves an `@Sse()` route. @param ask stores the question, or finds it. */
  async answer(
    { asker, wanted, response }: WantedCompletion,
    ask: () => Promise<MessageDocument>,
  ): Promise<Observable<never>> {
    const place = wanted.stream ? this.places.reserve() : undefined;
    try {
      const question = await ask();
      const message_id = question._id.toHexString();
      response.setHeader('X-Message-Id', message_id);
      response.setHeader('X-Stream-Url', this.urls.of(asker.scope, question.chat_id, message_id));
      if (place) return await this.stream({ asker, wanted, response }, message_id, place);
      const state = await this.answers.wait({
        scope: asker.scope,
        messageId: message_id,
        response,
        untilEnd: true,
      });
      return answerWithJson(response, completionOf(state, question));
    } catch (error) {
      place?.release();
      throw error;
    }
  }

  /** A client of chats cannot be asked whether a tool may run: the stream stays open until somebody has decided. */
  private async stream(
    { asker, wanted, response }: WantedCompletion,
    message_id: string,
    place: StreamPlace,
  ): Promise<Observable<never>> {
    const log = await this.logs.open(asker.scope, { message_id });
    const dialect = (wanted.withUsage ? chatChunksWithUsage : chatChunks) as Dialect;
    return this.transport.open({ log, dialect, response, place });
  }
}

/** The completion when its run has ended. @throws RunFailedError if it failed. */
function completionOf(state: OpenAiState, question: MessageDocument): object {
  const { end, failure, items } = state;
  if (end?.status === 'error' && failure) throw new RunFailedError(failure.message, failure.code);
  const reasoning = items.flatMap(thoughtsIn).join('\n\n');
  const message = {
    role: 'assistant',
    content: items.map((item) => (item.type === 'message' ? textOf(item) : '')).join(''),
    refusal: null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
  };
  return {
    id: completionId(question._id.toHexString()),
    object: 'chat.completion',
    created: Math.floor(question.created_at.getTime() / 1000),
    model: question.agent ?? '',
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISHED }],
    usage: end?.usage ?? { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  };
}

const thoughtsIn = (item: ResponseOutputItem): string[] =>
  item.type === 'reasoning' ? item.summary.map(({ text }) => text) : [];
