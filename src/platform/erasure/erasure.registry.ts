import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../common/index.js';

/**
 * What one module erases when a chat or a user is deleted. Every call must be idempotent: after a crash half-way it is
 * repeated.
 */
export interface ErasureHandler {
  /** Asked before anything of a user is deleted. @throws AppError if the user must stay. */
  mayEraseUser?(tenant: TenantId, userId: string): Promise<void>;
  /** Deletes everything the module stores for these chats. Called before the chats themselves are deleted. */
  chats?(tenant: TenantId, chatIds: readonly string[]): Promise<void>;
  /** Deletes everything the module stores for this user. Called before the user is deleted. */
  user?(tenant: TenantId, userId: string): Promise<void>;
}

/**
 * How a deletion reaches the modules above: they register here, so that `users` and `chats` need not know them.
 *
 * Handlers run one after another, the last registered first. Register in a constructor: Nest builds a module after
 * those it depends on, so dependent data is erased before what it depends on, and the owner deletes its own document
 * last. An interrupted deletion can then simply be repeated.
 */
@Injectable()
export class ErasureRegistry {
  private readonly handlers: ErasureHandler[] = [];

  register(handler: ErasureHandler): void {
    this.handlers.unshift(handler);
  }

  /**
   * Erases everything that belongs to these chats, but not the chats. @throws what a handler throws; the remaining
   * handlers are then not run.
   */
  async eraseChats(tenant: TenantId, chatIds: readonly string[]): Promise<void> {
    if (chatIds.length === 0) return;
    for (const handler of this.handlers) await handler.chats?.(tenant, chatIds);
  }

  /**
   * Erases everything that belongs to this user, but not the user. @throws what a handler throws: if it is about
   * whether the user may go, nothing is erased; else the remaining handlers are not run.
   */
  async eraseUser(tenant: TenantId, userId: string): Promise<void> {
    for (const handler of this.handlers) await handler.mayEraseUser?.(tenant, userId);
    for (const handler of this.handlers) await handler.user?.(tenant, userId);
  }
}
