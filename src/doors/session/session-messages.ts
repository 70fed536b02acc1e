import { Injectable } from '@nestjs/common';
import { AgentRegistry } from '../../agent/index.js';
import { AppError, type Scope } from '../../common/index.js';
import { FirstQuestions, MessagesRepository, MessagesService } from '../../messages/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { toNewMessage, type ChatStreamDto } from './session-dtos.js';
import { Sessions } from './sessions.js';

/** Whose message it is, and what makes the request a repeated one. */
export interface Sender {
  userId: string;
  /** The client's `Idempotency-Key`. */
  key: string | undefined;
  /** Id of the last event seen: the request asks for the rest of an answer. */
  after: string | undefined;
}

const DOOR = 'session';

/** Messages in sessions. */
@Injectable()
export class SessionMessages {
  constructor(
    private readonly sessions: Sessions,
    private readonly messages: MessagesService,
    private readonly firsts: FirstQuestions,
    private readonly stored: MessagesRepository,
    private readonly agents: AgentRegistry,
  ) {}

  /**
   * Stores the message in its session, or in a new one. A request that asks for the rest of an answer stores nothing.
   * @throws AppError 404 `session_not_found`, 410 `session_expired`, 400 `unknown_event_id`; what
   * `MessagesService.create` throws.
   */
  async send(scope: Scope, sender: Sender, body: ChatStreamDto): Promise<MessageDocument> {
    const input = { ...toNewMessage(body), idempotencyKey: sender.key };
    // Before a session begins that nobody would know of.
    if (input.agent !== undefined && !this.agents.find(input.agent))
      throw new AppError('unknown_agent', { agent: input.agent });
    const session = body.session_id ? await this.sessions.require(scope, body.session_id) : undefined;
    if (sender.after !== undefined && !(await this.earlier(scope, sender, session?._id)))
      throw new AppError('unknown_event_id', {});
    return session
      ? this.messages.create(scope, session._id, input)
      : this.firsts.create(scope, { userId: sender.userId, door: DOOR }, input);
  }

  /** The message that was sent with the same key before. */
  private async earlier(
    scope: Scope,
    { userId, key }: Sender,
    sessionId: string | undefined,
  ): Promise<MessageDocument | null | undefined> {
    if (key === undefined) return undefined;
    return sessionId === undefined
      ? this.firsts.find(scope, { userId, door: DOOR }, key)
      : this.stored.findByKey(scope, sessionId, key);
  }
}
