import { Injectable } from '@nestjs/common';
import { AppError, type Scope } from '../../common/index.js';
import type { Attachment } from '../../files/index.js';
import { Conversation, questionIdOf, type Exchange } from '../../messages/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { LogAccess } from '../../streams/index.js';
import { partsOf } from './ai-sdk.dialect.js';
import { initialState, type Part } from './parts.js';
import { messageOf, type UiMessage } from './ui-message.js';

/** Logs that are read at once. */
const AT_ONCE = 8;
const GONE: ReadonlySet<string> = new Set(['events_expired', 'message_not_found']);

/** A chat as the SDK's clients would have it if they had watched it. */
@Injectable()
export class UiHistory {
  constructor(
    private readonly conversation: Conversation,
    private readonly logs: LogAccess,
  ) {}

  /** The newest questions with their answers, oldest first, on the branch of the newest one. */
  async newest(scope: Scope, chatId: string, limit: number): Promise<UiMessage[]> {
    const exchanges = await this.conversation.current(scope, chatId, limit);
    const messages: UiMessage[] = [];
    for (let at = 0; at < exchanges.length; at += AT_ONCE) {
      const some = exchanges.slice(at, at + AT_ONCE).map((exchange) => this.messagesOf(scope, exchange));
      messages.push(...(await Promise.all(some)).flat());
    }
    return messages;
  }

  private async messagesOf(scope: Scope, { question, answer }: Exchange): Promise<UiMessage[]> {
    const parts = await this.partsFrom(scope, question);
    const id = question._id.toHexString();
    if (parts && parts.length > 0) return [toQuestion(question), messageOf(id, parts)];
    return answer ? [toQuestion(question), toAnswer(id, answer)] : [toQuestion(question)];
  }

  /** Nothing if the log is gone. */
  private async partsFrom(scope: Scope, question: MessageDocument): Promise<Part[] | undefined> {
    if (question.run?.events_expired !== undefined) return undefined;
    try {
      const log = await this.logs.open(scope, { message_id: question._id.toHexString() });
      let state = initialState;
      const all: Part[] = [];
      for await (const event of log.read()) {
        const [parts, next] = partsOf(state, event);
        all.push(...parts);
        state = next;
      }
      return all;
    } catch (error) {
      // It has expired meanwhile, or the message was deleted.
      if (error instanceof AppError && GONE.has(String(error.code))) return undefined;
      throw error;
    }
  }
}

function toQuestion(question: MessageDocument): UiMessage {
  const { content, metadata, attachments = [] } = question;
  const { retry_of: _again, ...own } = metadata;
  return {
    id: questionIdOf(question),
    role: 'user',
    ...(Object.keys(own).length > 0 && { metadata: own }),
    parts: [...attachments.map(toFile), { type: 'text', text: content }],
  };
}

function toFile({ file_id, name, media_type }: Attachment): Part {
  return { type: 'file', mediaType: media_type, filename: name, url: `/api/files/${file_id}/content` };
}

/** What is left of an answer whose log is gone. */
function toAnswer(id: string, { content, status, agent }: MessageDocument): UiMessage {
  const metadata = { status, ...(agent !== undefined && { agent }) };
  return { id, role: 'assistant', metadata, parts: [{ type: 'text', text: content, state: 'done' }] };
}
