import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Scope } from '../../common/index.js';
import { StreamUrls } from '../../platform/http/index.js';
import type { Dialect } from '../dialects/dialect.js';
import { LogAccess } from '../log-access.js';
import { StreamPlaces } from '../wire/stream-places.js';
import { StreamTransport } from '../wire/stream-transport.js';

/** Who gets the stream, and how. */
export interface AnswerRequest {
  scope: Scope;
  response: ServerResponse;
  dialect: Dialect;
  /** Id of the last event seen. */
  after?: string | undefined;
}

/** A question that has been stored. */
export interface AskedQuestion {
  message_id: string;
  chat_id: string;
  /** Frames that its client gets before those of the log. */
  greeting?: string;
}

/** For doors that take a question and stream its answer in one request. */
@Injectable()
export class AnswerStreams {
  constructor(
    private readonly logs: LogAccess,
    private readonly places: StreamPlaces,
    private readonly transport: StreamTransport,
    private readonly urls: StreamUrls,
  ) {}

  /**
   * Serves an `@Sse()` route: return the result from the handler. A place among the streams is reserved before the
   * question is stored. The response names the message (`X-Message-Id`) and where to follow it (`X-Stream-Url`).
   * @param ask stores the question, or finds it
   * @throws AppError 503 `too_many_streams`, 429 `too_many_streams_of_message`, 400 `unknown_event_id`; what `ask` throws.
   */
  async open(
    { scope, response, dialect, after }: AnswerRequest,
    ask: () => Promise<AskedQuestion>,
  ): Promise<Observable<never>> {
    const place = this.places.reserve();
    try {
      const { message_id, chat_id, greeting } = await ask();
      response.setHeader('X-Message-Id', message_id);
      response.setHeader('X-Stream-Url', this.urls.of(scope, chat_id, message_id));
      const log = await this.logs.open(scope, { message_id, chat_id, after });
      // Who resumes has been greeted.
      const beginning = greeting === undefined || log.from > 0 ? undefined : (): string => greeting;
      return this.transport.open({ log, dialect, response, place, beginning });
    } catch (error) {
      place.release();
      throw error;
    }
  }
}
