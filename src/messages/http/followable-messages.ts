import { Injectable } from '@nestjs/common';
import type { Scope } from '../../common/index.js';
import { StreamUrls } from '../../platform/http/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import type { ListedMessage } from '../message-list.js';
import { toViewWithRun, type CreatedMessageView, type MessageWithRunView } from './message.view.js';

/** Shows messages together with where their caller can follow them. */
@Injectable()
export class FollowableMessages {
  constructor(private readonly urls: StreamUrls) {}

  created(scope: Scope, message: MessageDocument): CreatedMessageView {
    return { message_id: message._id.toHexString(), stream_url: this.urlOf(scope, message) };
  }

  withRun(scope: Scope, listed: ListedMessage): MessageWithRunView {
    const { message } = listed;
    return toViewWithRun(listed, message.run && this.urlOf(scope, message));
  }

  private urlOf(scope: Scope, { _id, chat_id }: MessageDocument): string {
    return this.urls.of(scope, chat_id, _id.toHexString());
  }
}
