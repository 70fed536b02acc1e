import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Scope } from '../../../common/index.js';
import { MessagesService, type NewMessage } from '../../../messages/index.js';
import { AnswerStreams } from '../../../streams/http/index.js';
import { conversations } from '../conversations.dialect.js';

/** A question, and where its answer goes. */
export interface Asking {
  /** Finds or makes the chat. Called once there is a place among the streams. */
  chat: () => Promise<string>;
  message: NewMessage;
  /** Id of the last event that the client has seen of the answer, in a repeated request. */
  after: string | undefined;
  response: ServerResponse;
}

/** Stores a question and streams the answer as the response to it. */
@Injectable()
export class Answers {
  constructor(
    private readonly messages: MessagesService,
    private readonly streams: AnswerStreams,
  ) {}

  /** @throws AppError those of a new message, and of a stream; then nothing was stored. */
  open(scope: Scope, { chat, message, after, response }: Asking): Promise<Observable<never>> {
    const isRepeated = after !== undefined;
    return this.streams.open({ scope, response, dialect: conversations, after }, async () => {
      const chat_id = await chat();
      const { _id } = await this.messages.create(scope, chat_id, { ...message, isRepeated });
      return { message_id: _id.toHexString(), chat_id };
    });
  }
}
