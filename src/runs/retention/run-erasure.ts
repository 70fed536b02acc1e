import { Injectable } from '@nestjs/common';
import { ToolJournal } from '../../agent/index.js';
import type { TenantId } from '../../common/index.js';
import { MessagesRepository } from '../../messages/index.js';
import type { ErasureHandler } from '../../platform/erasure/index.js';
import { StreamsService } from '../../streams/index.js';
import { LeaseKeeper } from '../execution/lease-keeper.js';
import { RunStore } from '../record/run-store.js';
import { LeaseLost } from '../execution/stop-reasons.js';

/** Erases what belongs to the messages of a chat: runs stop, then logs and journals are deleted, the messages last. */
@Injectable()
export class RunErasure implements ErasureHandler {
  constructor(
    private readonly store: RunStore,
    private readonly leases: LeaseKeeper,
    private readonly streams: StreamsService,
    private readonly journal: ToolJournal,
    private readonly messages: MessagesRepository,
  ) {}

  async chats(tenant: TenantId, chatIds: readonly string[]): Promise<void> {
    await this.store.revoke(tenant, chatIds);
    await this.leases.stopInChats(chatIds, new LeaseLost());
    const messageIds = await this.messages.idsInChats(tenant, chatIds);
    await this.streams.remove(tenant, messageIds);
    await this.journal.deleteByMessages(tenant, messageIds);
    await this.messages.removeInChats(tenant, chatIds);
  }
}
