import { Injectable } from '@nestjs/common';
import type { Scope } from '../common/index.js';
import { streamPath, StreamUrls } from '../platform/http/index.js';
import { Tickets } from './tickets.js';

/** With authentication an address carries the right to read it. */
@Injectable()
export class TicketedStreamUrls extends StreamUrls {
  constructor(private readonly tickets: Tickets) {
    super();
  }

  override of(scope: Scope, chatId: string, messageId: string): string {
    return `${streamPath(chatId, messageId)}?ticket=${this.tickets.issue(scope, messageId)}`;
  }
}
