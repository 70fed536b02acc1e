import { Injectable } from '@nestjs/common';
import { ExternalChats } from '../../chats/index.js';
import { AppError, type Scope } from '../../common/index.js';
import { ClientQuestions, isSameQuestion, type ClientQuestion } from '../../messages/http/index.js';
import {
  clientKey,
  ClientMessages,
  Conversation,
  isGivenId,
  MessagesService,
  type OnBusy,
} from '../../messages/index.js';
import type { MessageDocument } from '../../run-record/index.js';

/** Who asks, whom, and in which thread. */
export interface Asker {
  scope: Scope;
  person: string;
  agent: string;
  threadId: string;
  on_busy?: OnBusy | undefined;
}

/** Threads of AG-UI's clients: chats by the ids that they have given them. */
@Injectable()
export class AgThreads {
  constructor(
    private readonly chats: ExternalChats,
    private readonly messages: MessagesService,
    private readonly known: ClientMessages,
    private readonly conversation: Conversation,
    private readonly questions: ClientQuestions,
  ) {}

  /**
   * Stores a question, unless the thread has it. @returns the new message; nothing if it is known.
   * @throws AppError like a new message; 422 `idempotency_key_reused` for another question with a known id.
   */
  async ask(asker: Asker, question: ClientQuestion): Promise<MessageDocument | undefined> {
    const { scope, person, threadId, agent, on_busy } = asker;
    const there = await this.chats.find(scope, person, threadId);
    const known = there && (await this.known.find(scope, there._id, question.id));
    if (known && isSameQuestion(known, question)) return undefined;
    if (known) throw new AppError('idempotency_key_reused');
    if (isGivenId(question.id)) throw new AppError('message_not_found', { id: question.id });
    const message = await this.questions.checked(scope, question, {
      agent,
      ...(on_busy !== undefined && { on_busy }),
    });
    const files = await this.questions.attachments(scope, person, question);
    const chat = await this.chats.open(scope, person, threadId);
    const idempotencyKey = clientKey(question.id);
    return this.messages.create(scope, chat._id, { ...message, ...files, idempotencyKey });
  }

  /** The question whose run a client joins that has nothing new: the newest one. */
  async newest({ scope, person, threadId }: Asker): Promise<MessageDocument | undefined> {
    const chat = await this.chats.find(scope, person, threadId);
    if (!chat) return undefined;
    const [exchange] = await this.conversation.current(scope, chat._id, 1);
    return exchange?.question;
  }
}
