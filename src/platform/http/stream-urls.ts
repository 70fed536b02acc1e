import { Injectable } from '@nestjs/common';
import type { Scope } from '../../common/index.js';

/** The address of a message's stream, for somebody who may read it. */
export abstract class StreamUrls {
  abstract of(scope: Scope, chatId: string, messageId: string): string;
}

/** Without authentication the path is all that is needed. */
@Injectable()
export class PlainStreamUrls extends StreamUrls {
  override of(_scope: Scope, chatId: string, messageId: string): string {
    return streamPath(chatId, messageId);
  }
}

export function streamPath(chatId: string, messageId: string): string {
  return `/api/chats/${chatId}/messages/${messageId}/stream`;
}
