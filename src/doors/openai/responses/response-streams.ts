import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { EMPTY, type Observable } from 'rxjs';
import type { Scope } from '../../../common/index.js';
import type { MessageDocument } from '../../../run-record/index.js';
import { LogAccess, StreamTransport, type StreamPlace } from '../../../streams/index.js';
import { restsForPeople } from '../answers.js';
import { OpenAiDecisions } from '../decisions.js';
import { eventsOf, openAi } from '../dialect/openai.dialect.js';
import type { OpenAiState } from '../dialect/state.js';
import { namedFrames, type WireEvent } from '../dialect/wire.js';
import { invalid } from '../request/parse.js';

/** Which stream, and for whom. */
export interface ResponseStream {
  scope: Scope;
  question: MessageDocument;
  response: ServerResponse;
  place?: StreamPlace | undefined;
  /** The request decides calls. */
  decides?: boolean;
  /** The `sequence_number` of the last event that the client has. */
  startingAfter?: number | undefined;
}

/** Where a client continues. */
interface Continuation {
  /** The event of the log that the client has, at least in part. */
  after: string | undefined;
  /** What it lacks of that. */
  rest: readonly WireEvent[];
}

/** Streams of the events of responses. */
@Injectable()
export class ResponseStreams {
  constructor(
    private readonly logs: LogAccess,
    private readonly transport: StreamTransport,
    private readonly decisions: OpenAiDecisions,
  ) {}

  /**
   * Serves an `@Sse()` route: return the result from the handler. The stream ends where the run waits for a person: its
   * client answers in another request.
   * @throws AppError those of `LogAccess.open` and the transport; 400 for a place that the log does not have.
   */
  async open(stream: ResponseStream): Promise<Observable<never>> {
    const { scope, question, response, place, startingAfter } = stream;
    const message_id = question._id.toHexString();
    const { after, rest } = await this.continuation(scope, message_id, startingAfter);
    const log = await this.logs.open(scope, { message_id, after });
    const beginning = rest.length > 0 ? (): string => namedFrames(rest) : undefined;
    if (log.ended) {
      place?.release();
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      response.end(beginning?.() ?? '');
      return EMPTY;
    }
    const pausesAt = await this.pauseOf(stream);
    return this.transport.open({ log, dialect: openAi, response, place, pausesAt, beginning });
  }

  /** Only questions count that nobody has answered yet, though the log may not tell it. */
  private async pauseOf({
    scope,
    question,
    decides = false,
  }: ResponseStream): Promise<(state: unknown) => boolean> {
    const isNew = !decides && (question.run?.attempt ?? 0) < 2;
    const decided = isNew ? undefined : await this.decisions.decided(scope, question._id.toHexString());
    return (state) => restsForPeople(state as OpenAiState, decided);
  }

  /** An event of the log is several on the wire: a client may have some of them. */
  private async continuation(
    scope: Scope,
    message_id: string,
    seen: number | undefined,
  ): Promise<Continuation> {
    if (seen === undefined || seen < 0) return { after: undefined, rest: [] };
    let state = openAi.initial;
    let after: string | undefined;
    for await (const event of (await this.logs.open(scope, { message_id })).read()) {
      if (state.next > seen) return { after, rest: [] };
      const encoded = eventsOf(state, event);
      ({ state } = encoded);
      after = event.id;
      const rest = encoded.events.filter((one) => one.sequence_number > seen);
      if (rest.length > 0) return { after, rest };
    }
    // What a stream ended with whose run waits is no event of the log.
    if (seen > state.next) throw invalid('starting_after', 'is larger than what this response has so far');
    return { after, rest: [] };
  }
}
