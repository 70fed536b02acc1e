import { Injectable } from '@nestjs/common';
import { ToolJournal, type JournaledCall } from '../../agent/index.js';
import { AppError, type Scope } from '../../common/index.js';
import { MessagesService } from '../../messages/index.js';
import { shownStatus, type MessageDocument, type ShownStatus } from '../../run-record/index.js';
import { RunControl } from './run-control.js';

/** The use cases around a run. */
@Injectable()
export class RunsService {
  constructor(
    private readonly messages: MessagesService,
    private readonly control: RunControl,
    private readonly journal: ToolJournal,
  ) {}

  /** Asks a run to stop. @returns its status when the request arrived. @throws AppError `message_not_found`. */
  async cancel(scope: Scope, messageId: string): Promise<ShownStatus> {
    const question = await this.messages.getQuestion(scope, messageId);
    await this.control.cancel(scope, messageId);
    return shownStatus(question);
  }

  /** Asks the same question again. @throws AppError `message_not_found`, `run_not_ended`. */
  async retry(scope: Scope, messageId: string, idempotencyKey: string | undefined): Promise<MessageDocument> {
    const { status, chat_id, content, agent, metadata, run } = await this.messages.getQuestion(
      scope,
      messageId,
    );
    if (status === 'pending' || status === 'processing') {
      throw new AppError('run_not_ended');
    }
    const again = {
      edit_of: messageId,
      content,
      metadata: { ...metadata, retry_of: messageId },
      ...(agent !== undefined && { agent, agentVersion: run?.agent_version }),
    };
    return this.messages.create(scope, chat_id, { ...again, idempotencyKey });
  }

  /** The journal of a run. @throws AppError `message_not_found`, `events_expired`. */
  async toolCalls(scope: Scope, messageId: string): Promise<JournaledCall[]> {
    const { run } = await this.messages.getQuestion(scope, messageId);
    if (run?.events_expired !== undefined) throw new AppError('events_expired', { id: messageId });
    return this.journal.list(scope.tenant, messageId);
  }
}
