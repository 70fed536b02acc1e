import { Injectable } from '@nestjs/common';
import { ToolJournal, type JournaledCall } from '../../agent/index.js';
import { AppError, type Scope } from '../../common/index.js';
import { MessagesRepository, MessagesService, type NewMessage } from '../../messages/index.js';
import { shownStatus, type MessageDocument, type ShownStatus } from '../../run-record/index.js';
import { RunControl } from './run-control.js';

/** The use cases around a run. */
@Injectable()
export class RunsService {
  constructor(
    private readonly messages: MessagesService,
    private readonly control: RunControl,
    private readonly journal: ToolJournal,
    private readonly repository: MessagesRepository,
  ) {}

  /** Asks a run to stop. @returns its status when the request arrived. @throws AppError `message_not_found`. */
  async cancel(scope: Scope, messageId: string): Promise<ShownStatus> {
    const question = await this.messages.getQuestion(scope, messageId);
    await this.control.cancel(scope, messageId);
    return shownStatus(question);
  }

  /**
   * Asks every run of a chat to stop, the newest first, so that none begins because another has ended.
   * @returns the ids of their messages.
   */
  async cancelAll(scope: Scope, chatId: string): Promise<string[]> {
    const open = await this.repository.openInChat(scope, chatId);
    const ids = open.map(({ id }) => id).reverse();
    for (const id of ids) await this.control.cancel(scope, id);
    return ids;
  }

  /** Asks the same question again. @throws AppError `message_not_found`, `run_not_ended`. */
  async retry(scope: Scope, messageId: string, idempotencyKey: string | undefined): Promise<MessageDocument> {
    const question = await this.messages.getQuestion(scope, messageId);
    if (question.status === 'pending' || question.status === 'processing')
      throw new AppError('run_not_ended');
    return this.askAgain(scope, question, { idempotencyKey });
  }

  /** Asks the same question again, also while its run goes on. @param changes what is different this time. */
  async askAgain(
    scope: Scope,
    { _id, chat_id, content, instructions, agent, metadata, run }: MessageDocument,
    changes: Pick<NewMessage, 'agent' | 'on_busy' | 'idempotencyKey'>,
  ): Promise<MessageDocument> {
    const edit_of = _id.toHexString();
    const earlier = agent === undefined ? {} : { agent, agentVersion: run?.agent_version };
    const again = { edit_of, content, instructions, metadata: { ...metadata, retry_of: edit_of } };
    return this.messages.create(scope, chat_id, { ...again, ...earlier, ...changes });
  }

  /** The journal of a run. @throws AppError `message_not_found`, `events_expired`. */
  async toolCalls(scope: Scope, messageId: string): Promise<JournaledCall[]> {
    const { run } = await this.messages.getQuestion(scope, messageId);
    if (run?.events_expired !== undefined) throw new AppError('events_expired', { id: messageId });
    return this.journal.list(scope.tenant, messageId);
  }
}
