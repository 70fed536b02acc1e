import { Injectable } from '@nestjs/common';
import { AgentRegistry } from '../../agent/index.js';
import { ExternalChats, isExternalKey } from '../../chats/index.js';
import type { Scope } from '../../common/index.js';
import { MessagesService } from '../../messages/index.js';
import { Settings } from '../../platform/config/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { questionOf, type Sent } from './requests.js';
import { invalidParams } from './rpc.js';

/** Who calls. */
export interface A2aCaller {
  scope: Scope;
  /** Whose chats they are. */
  person: string;
}

/** Messages that begin tasks. */
@Injectable()
export class A2aQuestions {
  constructor(
    private readonly chats: ExternalChats,
    private readonly messages: MessagesService,
    private readonly agents: AgentRegistry,
    private readonly settings: Settings,
  ) {}

  /**
   * Asks a question in its context, or in a new one. The same message again is the same question. What can be refused is
   * refused before there is a chat for it.
   * @throws RpcError -32602, -32005; AppError of `MessagesService.create`.
   */
  async ask({ scope, person }: A2aCaller, sent: Sent): Promise<MessageDocument> {
    const { messageId, contextId } = sent.message;
    const content = this.contentOf(sent);
    const agent = this.agentOf(sent.message.metadata?.['agent'] ?? sent.metadata?.['agent']);
    // A message that is sent again finds the chat that it began.
    const key = contextId ? contextId : `a2a ${messageId}`.slice(0, 200);
    if (!isExternalKey(key) || !isExternalKey(messageId))
      throw invalidParams('contextId, messageId: 1 to 200 characters without NUL.');
    const chat = await this.chats.open(scope, person, key);
    return this.messages.create(scope, chat._id, {
      content,
      ...(agent !== undefined && { agent }),
      idempotencyKey: `a2a ${messageId}`,
    });
  }

  private contentOf({ message }: Sent): string {
    const content = questionOf(message);
    if (content.trim() === '') throw invalidParams('The message has no text.');
    const max = this.settings.CONTENT_MAX_CHARS;
    if (content.length > max) throw invalidParams(`The message is longer than ${max} characters.`);
    return content;
  }

  private agentOf(name: unknown): string | undefined {
    if (name === undefined) return undefined;
    if (typeof name !== 'string' || !this.agents.find(name))
      throw invalidParams('metadata.agent has to be one of GET /api/agents.');
    return name;
  }
}
