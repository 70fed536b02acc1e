import { Injectable } from '@nestjs/common';
import { ChatsService } from '../chats/index.js';
import { AppError, toPage, type Page, type PageQuery, type Scope } from '../common/index.js';
import type { MessageDocument } from '../run-record/index.js';
import { Branches, type BranchLinks } from './branches.js';
import { MessagesRepository } from './messages.repository.js';

/** A message and, if it is a question, how it is connected with others. */
export interface ListedMessage {
  message: MessageDocument;
  links?: BranchLinks | undefined;
}

/** Messages as people read them. */
@Injectable()
export class MessageList {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly chats: ChatsService,
    private readonly branches: Branches,
  ) {}

  /** One page of a chat's history, oldest first. */
  async page(scope: Scope, chatId: string, query: PageQuery): Promise<Page<ListedMessage>> {
    const [[items, total]] = await Promise.all([
      this.messages.page(scope, chatId, query),
      this.chats.get(scope, chatId),
    ]);
    const links = await this.branches.links(items.filter(({ role }) => role === 'user'));
    const listed = items.map((message) => ({ message, links: links.get(message._id.toHexString()) }));
    return toPage(listed, total, query);
  }

  /**
   * The newest messages of a chat, oldest first: at most `limit`. Costs one query if no question of theirs begins a
   * branch.
   */
  async newest(scope: Scope, chatId: string, limit: number): Promise<ListedMessage[]> {
    const messages = await this.messages.newest(scope, chatId, limit);
    const questions = messages.filter(({ role }) => role === 'user');
    const links = questions.some(branches) ? await this.branches.links(questions) : inLine(questions);
    return messages.map((message) => ({ message, links: links.get(message._id.toHexString()) }));
  }

  /** @throws AppError 404 `message_not_found`. */
  async get(scope: Scope, messageId: string): Promise<ListedMessage> {
    const message = await this.messages.find(scope, messageId);
    if (!message) throw new AppError('message_not_found', { id: messageId });
    if (message.role !== 'user') return { message };
    return { message, links: (await this.branches.links([message])).get(messageId) };
  }
}

const branches = ({ parent_id, metadata }: MessageDocument): boolean =>
  parent_id !== undefined || metadata['retry_of'] !== undefined;

/** Each question follows the one before it. */
function inLine(questions: readonly MessageDocument[]): Map<string, BranchLinks> {
  return new Map(
    questions.map(({ _id }, index) => {
      const parent = questions[index - 1]?._id.toHexString() ?? null;
      return [_id.toHexString(), { parent }];
    }),
  );
}
