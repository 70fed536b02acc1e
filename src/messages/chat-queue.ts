import { Injectable } from '@nestjs/common';
import { ChatPlaces, ChatsService, type KnownChat, type OpenRun } from '../chats/index.js';
import { AppError, Clock, type Scope } from '../common/index.js';
import type { HeldRun, Question } from '../run-record/index.js';
import { Settings } from '../platform/config/index.js';
import { MessagesRepository } from './messages.repository.js';

/**
 * An id without a run is left over from a crash if it is this old: the process that wrote it has had the time to store
 * the run.
 */
const LEFT_OVER_MS = 60_000;

/** The place of a question in its chat. */
export interface QuestionPlace {
  chat: KnownChat;
  /** Later than every message of the chat. */
  at: Date;
  /** Questions before it whose runs have not ended. */
  ahead: string[];
}

/** The place of an answer in its chat. */
export interface AnswerPlace {
  /** Later than every message of the chat. */
  at: Date;
  /** Whether other questions of the chat may be pending. */
  others: boolean;
  /** The chat is gone or being deleted: nobody will see the answer. */
  gone: boolean;
  /** The chat has a title that nobody chose. */
  wantsTitle: boolean;
}

/** Admits questions to their chats and records their answers: the times of messages, and one run at a time. */
@Injectable()
export class ChatQueue {
  constructor(
    private readonly places: ChatPlaces,
    private readonly chats: ChatsService,
    private readonly messages: MessagesRepository,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /**
   * Admits a question to its chat. A rejected question leaves no trace.
   * @param exclusive rejects it while another run of the chat is open.
   * @throws AppError `chat_not_found`, `chat_busy`, `chat_queue_full`.
   */
  async enter(
    scope: Scope,
    chatId: string,
    question: { id: string; exclusive: boolean },
  ): Promise<QuestionPlace> {
    const { id, exclusive } = question;
    const limit = this.settings.QUEUE_MAX_PER_CHAT;
    for (let healed = false; ; healed = true) {
      const chat = await this.known(scope, chatId, { id, max: exclusive ? 1 : limit });
      const place = placeOf(id, chat);
      if (place) return place;
      if (healed || !(await this.forgetLeftOver(scope, chat)))
        throw exclusive ? new AppError('chat_busy') : new AppError('chat_queue_full', { runs: limit });
    }
  }

  /** Assigns the answer to a question its place, once the run's state is stored. Can be repeated. */
  async leave({ _id, tenant_id, chat_id, created_at }: HeldRun): Promise<AnswerPlace> {
    const id = _id.toHexString();
    const chat = await this.places.leave({ tenant_id, chat_id, id, behind: created_at });
    const at = chat?.answered?.find((answer) => answer.id === id)?.at;
    const others = chat?.open_runs?.length !== 0;
    const wantsTitle = chat?.auto_title === true;
    // What follows deletes: it is asked once more, by itself.
    const gone = chat === null && (await this.places.isGone(chat_id));
    return {
      at: at ?? new Date(Math.max(this.clock.now(), created_at.getTime() + 1)),
      others,
      gone,
      wantsTitle,
    };
  }

  /** Moves the chat before the user's other chats. */
  async raise({ chat }: QuestionPlace): Promise<void> {
    await this.places.raise(chat);
  }

  /** Releases the place of a question that was not stored. */
  async withdraw({ _id, tenant_id }: KnownChat, question: Question): Promise<void> {
    await this.places.forget({ tenant_id, chat_id: _id }, [question._id.toHexString()]);
  }

  private async known(
    scope: Scope,
    chatId: string,
    request: { id: string; max: number },
  ): Promise<KnownChat> {
    const chat = await this.places.enter(scope, chatId, request);
    if (chat) return chat;
    const { tenant_id, open_runs } = await this.chats.get(scope, chatId);
    if (open_runs === undefined) {
      const [last_message_at, open] = await Promise.all([
        this.messages.newestTime(scope, chatId),
        this.messages.openInChat(scope, chatId),
      ]);
      await this.places.learn({ tenant_id, chat_id: chatId }, { last_message_at, open_runs: open });
    }
    const again = await this.places.enter(scope, chatId, request);
    if (!again) throw new AppError('chat_not_found', { id: chatId });
    return again;
  }

  /** @returns whether there was anything to forget. */
  private async forgetLeftOver(scope: Scope, { _id, tenant_id, open_runs }: KnownChat): Promise<boolean> {
    const open = new Set((await this.messages.openInChat(scope, _id)).map(({ id }) => id));
    const old = this.clock.now() - LEFT_OVER_MS;
    const leftOver = open_runs
      .filter(({ id, at }) => !open.has(id) && at.getTime() < old)
      .map(({ id }) => id);
    if (leftOver.length > 0) await this.places.forget({ tenant_id, chat_id: _id }, leftOver);
    return leftOver.length > 0;
  }
}

/** @returns nothing when the question was not let in. */
function placeOf(id: string, chat: KnownChat): QuestionPlace | undefined {
  const index = chat.open_runs.findIndex((one) => one.id === id);
  const own: OpenRun | undefined = chat.open_runs[index];
  if (!own) return undefined;
  const ahead = chat.open_runs.slice(0, index).map((one) => one.id);
  return { chat, at: own.at, ahead };
}
