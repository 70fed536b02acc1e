import { Injectable } from '@nestjs/common';
import { ExternalChats, type ChatDocument } from '../../chats/index.js';
import { AppError, type Scope } from '../../common/index.js';
import { ClientQuestions, isSameQuestion, type ClientQuestion } from '../../messages/http/index.js';
import { clientKey, ClientMessages, isGivenId, MessagesService, questionIdOf } from '../../messages/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { RunsService } from '../../runs/index.js';
import type { AiSdkQueryDto } from './ui-chat.dto.js';
import type { UiRequest } from './ui-request.js';

/** Who asks, in which chat, and how. */
export interface Asker {
  scope: Scope;
  person: string;
  /** The client's id of the chat. */
  key: string;
  query: Pick<AiSdkQueryDto, 'agent' | 'on_busy'>;
}

/** The same with the chat. */
type InChat = Asker & { chat: ChatDocument };

/** Turns what the SDK's clients want into messages. */
@Injectable()
export class UiPosts {
  constructor(
    private readonly chats: ExternalChats,
    private readonly messages: MessagesService,
    private readonly known: ClientMessages,
    private readonly runs: RunsService,
    private readonly questions: ClientQuestions,
  ) {}

  /** The question whose run answers a request. @throws AppError like a new message, a retry, or a file. */
  async question(asker: Asker, request: UiRequest): Promise<MessageDocument> {
    const { scope, person, key } = asker;
    if (request.kind === 'ask' && (request.edits ?? request.question.id) === request.question.id)
      return this.askOrEdit(asker, request.question, request.edits !== undefined);
    const chat = await this.chats.find(scope, person, key);
    if (!chat) throw new AppError('chat_not_found', { id: key });
    const at = { ...asker, chat };
    if (request.kind === 'regenerate') return this.regenerate(at, request);
    if (request.kind === 'continue') return this.required(at, request.answer);
    return this.edit(at, request.question, await this.required(at, request.edits ?? ''));
  }

  /** @param mayBeKnown the client names the message as one that it has sent: it edits it, or sends it once more. */
  private async askOrEdit(
    asker: Asker,
    question: ClientQuestion,
    mayBeKnown: boolean,
  ): Promise<MessageDocument> {
    const { scope, person, key, query } = asker;
    const message = await this.questions.checked(scope, question, query);
    // A file that is sent twice would be two files: the message is looked up before they are stored.
    const isLookedUp = mayBeKnown || question.files.length > 0;
    const there = isLookedUp ? await this.chats.find(scope, person, key) : undefined;
    const known = there && (await this.known.find(scope, there._id, question.id));
    if (known && mayBeKnown) return this.edit({ ...asker, chat: there }, question, known);
    if (known && isSameQuestion(known, question)) return known;
    if (isGivenId(question.id)) throw new AppError('message_not_found', { id: question.id });
    const files = await this.questions.attachments(scope, person, question);
    const chat = await this.chats.open(scope, person, key);
    const idempotencyKey = clientKey(question.id);
    return this.messages.create(scope, chat._id, { ...message, ...files, idempotencyKey });
  }

  private async edit(
    at: InChat,
    question: ClientQuestion,
    edited: MessageDocument,
  ): Promise<MessageDocument> {
    const { scope, person, chat, query } = at;
    if (isSameQuestion(edited, question)) return edited;
    const message = await this.questions.checked(scope, question, {
      on_busy: 'interrupt',
      ...query,
    });
    const { attachments = [] } = await this.questions.attachments(scope, person, question);
    const idempotencyKey = await this.known.nextKey(scope, chat._id, question.id);
    const edit_of = edited._id.toHexString();
    return this.messages.create(scope, chat._id, { ...message, edit_of, attachments, idempotencyKey });
  }

  private async regenerate(
    at: InChat,
    { of, question }: UiRequest & { kind: 'regenerate' },
  ): Promise<MessageDocument> {
    const { scope, chat, query } = at;
    const named = of === undefined ? undefined : await this.known.find(scope, chat._id, of);
    const asked = named ?? (question && (await this.known.find(scope, chat._id, question.id)));
    if (asked) {
      const idempotencyKey = await this.known.nextKey(scope, chat._id, questionIdOf(asked));
      return this.runs.askAgain(scope, asked, { on_busy: 'interrupt', ...query, idempotencyKey });
    }
    // The message never arrived: there is nothing to ask again.
    if (question && of === undefined) return this.askOrEdit(at, question, false);
    throw new AppError('message_not_found', { id: of ?? '' });
  }

  private async required({ scope, chat }: InChat, id: string): Promise<MessageDocument> {
    const found = await this.known.find(scope, chat._id, id);
    if (!found) throw new AppError('message_not_found', { id });
    return found;
  }
}
