import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Scope } from '../../common/index.js';
import { StreamUrls } from '../../platform/http/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { ClientDecisions, type ClientDecision } from '../../runs/http/index.js';
import {
  dataFrames,
  LogAccess,
  StreamTransport,
  type OpenCalls,
  type StreamPlace,
} from '../../streams/index.js';
import { aiSdk } from './ai-sdk.dialect.js';
import type { AiSdkState } from './parts.js';

/** Which stream, and for whom. */
export interface UiStream {
  scope: Scope;
  question: Pick<MessageDocument, '_id' | 'chat_id' | 'run'>;
  response: ServerResponse;
  /** Reserved before. */
  place?: StreamPlace;
  /** Stays open while the run waits for a person. */
  staysOpen: boolean;
  /** The client knows everything up to these decisions. */
  decisions?: readonly ClientDecision[] | undefined;
}

/** Streams the answer to a question as the SDK's clients expect it. */
@Injectable()
export class UiStreams {
  constructor(
    private readonly logs: LogAccess,
    private readonly transport: StreamTransport,
    private readonly decisions: ClientDecisions,
    private readonly urls: StreamUrls,
  ) {}

  /** @throws AppError `message_not_found`, `events_expired`, `too_many_streams`, `too_many_streams_of_message`. */
  async open(stream: UiStream): Promise<Observable<never>> {
    const { scope, question, response, place, decisions } = stream;
    const { chat_id, _id } = question;
    const message_id = _id.toHexString();
    const after = decisions && (await this.decisions.lastSeen(scope, message_id, decisions));
    const log = await this.logs.open(scope, { message_id, chat_id, after });
    const asked = { question, isDecided: decisions !== undefined };
    const openIn = (state: unknown): OpenCalls => (state as AiSdkState).open;
    const pausesAt = stream.staysOpen ? undefined : await this.decisions.pause(scope, asked, openIn);
    response.setHeader('X-Message-Id', message_id);
    response.setHeader('X-Stream-Url', this.urls.of(scope, chat_id, message_id));
    // The client has the beginning of the message, with its calls: nothing of it is opened again.
    const beginning = decisions && ((): string => dataFrames([{ type: 'start', messageId: message_id }]));
    return this.transport.open({ log, dialect: aiSdk, response, place, pausesAt, beginning });
  }
}
