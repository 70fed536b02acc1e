import { Injectable } from '@nestjs/common';
import { AppError, type Scope } from '../../common/index.js';
import type { Attachment } from '../../files/index.js';
import { Conversation, questionIdOf, type Exchange } from '../../messages/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { LogAccess } from '../../streams/index.js';
import { initialState, messagesOf, type AgMessage } from './ag-state.js';
import { eventsOf } from './ag-ui.dialect.js';

/** Exchanges that a client is given that joins. */
const EXCHANGES = 100;
/** Logs that are read at once. */
const AT_ONCE = 8;
const GONE: ReadonlySet<string> = new Set(['events_expired', 'message_not_found']);

/** Threads as AG-UI's clients would have them if they had watched them. */
@Injectable()
export class AgHistory {
  constructor(
    private readonly conversation: Conversation,
    private readonly logs: LogAccess,
  ) {}

  /** Everything before the answer to a question, and the question. */
  async upTo(scope: Scope, question: MessageDocument): Promise<AgMessage[]> {
    const all = await this.conversation.current(scope, question.chat_id, EXCHANGES);
    const at = all.findIndex((one) => one.question._id.equals(question._id));
    return [...(await this.read(scope, all.slice(0, Math.max(0, at)))), toQuestion(question)];
  }

  /** All of a thread, or what is left of it. */
  async all(scope: Scope, chatId: string): Promise<AgMessage[]> {
    return this.read(scope, await this.conversation.current(scope, chatId, EXCHANGES));
  }

  private async read(scope: Scope, exchanges: readonly Exchange[]): Promise<AgMessage[]> {
    const messages: AgMessage[] = [];
    for (let from = 0; from < exchanges.length; from += AT_ONCE) {
      const some = exchanges.slice(from, from + AT_ONCE).map((exchange) => this.messagesOf(scope, exchange));
      messages.push(...(await Promise.all(some)).flat());
    }
    return messages;
  }

  private async messagesOf(scope: Scope, { question, answer }: Exchange): Promise<AgMessage[]> {
    const answered = await this.answerTo(scope, question);
    if (answered && answered.length > 0) return [toQuestion(question), ...answered];
    const id = question._id.toHexString();
    const kept: AgMessage[] = answer ? [{ id, role: 'assistant', content: answer.content }] : [];
    return [toQuestion(question), ...kept];
  }

  /** Nothing if the log is gone. */
  private async answerTo(scope: Scope, question: MessageDocument): Promise<readonly AgMessage[] | undefined> {
    if (question.run?.events_expired !== undefined) return undefined;
    try {
      const log = await this.logs.open(scope, { message_id: question._id.toHexString() });
      let state = initialState;
      for await (const event of log.read()) [, state] = eventsOf(state, event);
      return messagesOf(state);
    } catch (error) {
      // It has expired meanwhile, or the message was deleted.
      if (error instanceof AppError && GONE.has(String(error.code))) return undefined;
      throw error;
    }
  }
}

function toQuestion(question: MessageDocument): AgMessage {
  const { content: text, attachments = [] } = question;
  const content = attachments.length > 0 ? [{ type: 'text', text }, ...attachments.map(toFile)] : text;
  return { id: questionIdOf(question), role: 'user', content };
}

function toFile({ file_id, media_type: mimeType }: Attachment): object {
  const type = mimeType.startsWith('image/') ? 'image' : 'document';
  return { type, source: { type: 'url', value: `/api/files/${file_id}/content`, mimeType } };
}
