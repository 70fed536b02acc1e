import { Injectable } from '@nestjs/common';
import type { StreamEvent } from '@reprise/protocol';
import { Types } from 'mongoose';
import { AgentRegistry, type AgentDefinition } from '../../agent/index.js';
import { AppError, type Scope } from '../../common/index.js';
import { MessagesService } from '../../messages/index.js';
import { Settings } from '../../platform/config/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { LogAccess, type LogKey } from '../../streams/index.js';
import { summarizeResult } from '../../tools/index.js';
import type { ForkChange } from './fork-copy.js';
import { ForkStore } from './fork-store.js';

/** Where a run is to be continued in another way, and in which. */
export interface ForkRequest {
  /** Id of the last event to keep. */
  after: string;
  /** Another question. */
  content?: string | undefined;
  /** Another result of a call that has ended by then. */
  tool_result?: { call_id: string; result: string } | undefined;
  /** Another agent. */
  agent?: string | undefined;
}

/** Continues runs from any place of their logs, as new ones. */
@Injectable()
export class Forks {
  constructor(
    private readonly messages: MessagesService,
    private readonly logs: LogAccess,
    private readonly copies: ForkStore,
    private readonly agents: AgentRegistry,
    private readonly settings: Settings,
  ) {}

  /**
   * Makes a run that begins with the events of another one up to `after`, and goes on from there. The other run stays as
   * it is.
   * @throws AppError `message_not_found`, `events_expired`, `unknown_event_id`, `invalid_fork`, `unknown_agent`, and
   * those of a new message.
   */
  async fork(
    scope: Scope,
    messageId: string,
    request: ForkRequest & { idempotencyKey?: string | undefined },
  ): Promise<MessageDocument> {
    const question = await this.messages.getQuestion(scope, messageId);
    const agent = await this.agentOf(question, request);
    const events = await this.beginning(scope, messageId, request);
    const id = new Types.ObjectId();
    const change: ForkChange = {
      message_id: id.toHexString(),
      agent,
      approvals_until: this.copies.approvalsUntil(this.settings.APPROVAL_TTL_MS),
      tool_result: request.tool_result && {
        ...request.tool_result,
        summary: summarizeResult(request.tool_result.result),
      },
    };
    const key = { tenant: scope.tenant, message_id: change.message_id };
    await this.copies.write({ ...key, chat_id: question.chat_id }, { from: messageId, events, change });
    try {
      const created = await this.messages.create(scope, question.chat_id, {
        content: request.content ?? question.content,
        instructions: question.instructions,
        metadata: { ...question.metadata, retry_of: messageId },
        agent: agent.name,
        agentVersion: agent.version,
        idempotencyKey: request.idempotencyKey,
        fork: { id, message_id: messageId, after: request.after, change: request.tool_result },
      });
      if (!created._id.equals(id)) await this.copies.remove(key); // the same request came before
      return created;
    } catch (error) {
      await this.forget(scope, key).catch(() => undefined);
      throw error;
    }
  }

  /** After a failure whose outcome is unknown, the message may be stored all the same: then it needs its beginning. */
  private async forget(scope: Scope, key: LogKey): Promise<void> {
    if (!(await this.messages.exists(scope, key.message_id))) await this.copies.remove(key);
  }

  private async agentOf(
    { agent, run }: MessageDocument,
    { agent: other }: ForkRequest,
  ): Promise<AgentDefinition> {
    const name = other ?? agent ?? this.agents.defaultAgent;
    const version = other === undefined ? run?.agent_version : undefined;
    const found = this.agents.find(name) ?? (await this.agents.resolve(name, version));
    if (!found) throw new AppError('unknown_agent', { agent: name });
    return found;
  }

  private async beginning(
    scope: Scope,
    messageId: string,
    { after, tool_result }: ForkRequest,
  ): Promise<StreamEvent[]> {
    const { from } = await this.logs.open(scope, { message_id: messageId, after });
    const log = await this.logs.open(scope, { message_id: messageId });
    const events: StreamEvent[] = [];
    for await (const event of log.read(from)) events.push(event);
    const last = events.at(-1);
    if (last?.type === 'end' || last?.type === 'error')
      throw new AppError('invalid_fork', { why: 'After that event the run has ended. Name an earlier one.' });
    const ended = (id: string) => events.some((event) => event.type === 'tool_end' && event.call_id === id);
    if (tool_result && !ended(tool_result.call_id))
      throw new AppError('invalid_fork', {
        why: `No call "${tool_result.call_id}" has ended by that event.`,
      });
    return events;
  }
}
