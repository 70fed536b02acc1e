import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Types } from 'mongoose';
import type { ChatDocument } from '../chats/index.js';
import type { MessageDocument } from '../run-record/index.js';
import { MessagesRepository } from './messages.repository.js';

/** Something that was said before, elsewhere, and the answer to it. */
export interface ToldExchange {
  question: string;
  answer: string | undefined;
}

/** What was said before the first question of a chat, as its client tells it. */
@Injectable()
export class EarlierMessages {
  constructor(private readonly messages: MessagesRepository) {}

  /** Stores the exchanges, oldest first. Can be repeated, with the same ones. */
  async store(chat: ChatDocument, exchanges: readonly ToldExchange[]): Promise<void> {
    const begin = chat.created_at.getTime() - 2 * exchanges.length;
    const messages = exchanges.flatMap(({ question, answer }, index) => {
      const at = begin + 2 * index;
      const asked = questionOf(chat, { index, at }, question);
      return answer === undefined ? [asked] : [asked, answerOf(asked, at + 1, answer)];
    });
    await Promise.all(messages.map((message) => this.messages.insert(message)));
  }
}

/** A question whose run was somebody else's: it has no log. */
function questionOf(
  { _id: chat_id, tenant_id, user_id }: ChatDocument,
  { index, at }: { index: number; at: number },
  content: string,
): MessageDocument {
  const time = new Date(at);
  return {
    _id: idOf(`${chat_id} question ${index}`),
    tenant_id,
    user_id,
    chat_id,
    role: 'user',
    content,
    status: 'completed',
    metadata: {},
    created_at: time,
    run: {
      open: false,
      attempt: 1,
      handovers: 0,
      cancel_requested: false,
      queued_at: time,
      started_at: time,
      ended_at: time,
      tool_calls: 0,
      events_expired: 'removed',
    },
  };
}

function answerOf({ _id, tenant_id, user_id = '', chat_id }: MessageDocument, at: number, content: string) {
  const id = idOf(`${chat_id} answer ${_id.toHexString()}`);
  const whose = { tenant_id, user_id, chat_id, role: 'assistant' as const, status: 'completed' as const };
  return { _id: id, ...whose, content, metadata: {}, created_at: new Date(at), reply_to: _id };
}

/** The same for the same place: what is stored twice is there once. */
const idOf = (place: string): Types.ObjectId =>
  new Types.ObjectId(createHash('sha256').update(place).digest('hex').slice(0, 24));
