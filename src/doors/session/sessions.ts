import { Injectable } from '@nestjs/common';
import { ChatsService, type ChatDocument } from '../../chats/index.js';
import { AppError, clip, Clock, type Scope } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';

const SHOWN_CHARS = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Sessions: chats that this door forgets when nothing has happened in them for `SESSION_TTL_MS`. What happened last is
 * stored in the chat, so all processes agree, and a restart changes nothing. Other doors still have the chat.
 */
@Injectable()
export class Sessions {
  constructor(
    private readonly chats: ChatsService,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Begins a session. @throws AppError 404 `user_not_found` for a user outside the scope. */
  begin(scope: Scope, userId: string, metadata: Record<string, unknown> | undefined): Promise<ChatDocument> {
    return this.chats.create(scope, userId, { metadata });
  }

  /** @throws AppError 404 `session_not_found`, 410 `session_expired`. */
  async require(scope: Scope, id: string): Promise<ChatDocument> {
    const chat = UUID.test(id) ? await this.find(scope, id.toLowerCase()) : undefined;
    if (!chat) throw new AppError('session_not_found', { id: clip(id, SHOWN_CHARS) });
    const isAnswering = (chat.open_runs?.length ?? 0) > 0;
    if (!isAnswering && this.expiresAt(chat).getTime() <= this.clock.now())
      throw new AppError('session_expired', { id });
    return chat;
  }

  /** When the session expires if nothing more happens in it. */
  expiresAt({ updated_at, last_message_at }: ChatDocument): Date {
    const last = Math.max(updated_at.getTime(), last_message_at?.getTime() ?? 0);
    return new Date(last + this.settings.SESSION_TTL_MS);
  }

  private async find(scope: Scope, id: string): Promise<ChatDocument | undefined> {
    try {
      return await this.chats.get(scope, id);
    } catch (error) {
      if (error instanceof AppError && error.code === 'chat_not_found') return undefined;
      throw error;
    }
  }
}
