import { Injectable } from '@nestjs/common';
import { ChatsService } from '../../../chats/index.js';
import { AppError, type Scope } from '../../../common/index.js';
import {
  ChatNews,
  MessagesRepository,
  MessagesService,
  type KnownQuestion,
} from '../../../messages/index.js';
import { LogAccess } from '../../../streams/index.js';
import { parseEventId } from '@reprise/protocol';
import type { Place } from './place.js';

/** Servers' clocks may differ by this much. */
const SKEW_MS = 60_000;
/** Answers among which an event is looked for. */
const LOOKED_AT = 20;
/** The same question of a client that has reconnected is the same one for this long. */
const REPEAT_MS = 120_000;

/** What the connections of this door do with conversations. */
@Injectable()
export class TalkServices {
  constructor(
    readonly logs: LogAccess,
    readonly news: ChatNews,
    readonly records: MessagesRepository,
    private readonly messages: MessagesService,
    private readonly chats: ChatsService,
  ) {}

  /**
   * Where a client that joins begins to read: after the event it names, else at the answer that is being written.
   * @throws AppError 404 `chat_not_found`, 400 `unknown_event_id`.
   */
  async place(scope: Scope, chat_id: string, since: string | undefined): Promise<Place> {
    const chat = await this.chats.get(scope, chat_id);
    if (since !== undefined) return this.placeOf(scope, chat_id, since);
    const [open] = await this.records.openInChat(scope, chat_id);
    if (open) return { chat_id, after: open.at.getTime() - 1 };
    return { chat_id, after: (chat.last_message_at ?? chat.created_at).getTime() };
  }

  /** @throws AppError 404 `chat_not_found`. */
  async check(scope: Scope, chatId: string): Promise<void> {
    await this.chats.get(scope, chatId);
  }

  /** @throws AppError 400 `idempotency_key_reused` and those of a new message. */
  async ask(
    scope: Scope,
    chatId: string,
    { content, key }: { content: string; key: string | undefined },
  ): Promise<string> {
    const { _id } = await this.messages.create(scope, chatId, { content, idempotencyKey: key });
    return _id.toHexString();
  }

  /**
   * The question that a client sent just before its connection broke, if it sends it again because it does not know that
   * it arrived: it has seen nothing of the answer.
   */
  async repeated(
    scope: Scope,
    { chat_id, content, place }: { chat_id: string; content: string; place: Place | undefined },
  ): Promise<string | undefined> {
    const [newest]: (KnownQuestion | undefined)[] = await this.records.questionsUpTo(
      scope,
      chat_id,
      new Date(Date.now() + SKEW_MS),
      1,
    );
    if (newest?.content !== content || Date.now() - newest.at.getTime() > REPEAT_MS) return undefined;
    return place?.seen?.message_id === newest.id ? undefined : newest.id;
  }

  /** An event's id says when it was written, not in which answer. */
  private async placeOf(scope: Scope, chat_id: string, event_id: string): Promise<Place> {
    const ms = parseEventId(event_id)?.ms;
    const until = new Date((ms ?? 0) + SKEW_MS);
    const questions =
      ms === undefined ? [] : await this.records.questionsUpTo(scope, chat_id, until, LOOKED_AT);
    for (const { id: message_id, at } of questions) {
      const found = await this.logs.open(scope, { message_id, chat_id, after: event_id }).catch(ifAnother);
      if (found) return { chat_id, after: at.getTime(), seen: { message_id, event_id } };
    }
    throw new AppError('unknown_event_id', {});
  }
}

function ifAnother(error: unknown): undefined {
  const codes = ['unknown_event_id', 'events_expired', 'message_not_found'];
  if (error instanceof AppError && codes.includes(String(error.code))) return undefined;
  throw error;
}
