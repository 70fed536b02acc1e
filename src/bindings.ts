import { Injectable, Optional } from '@nestjs/common';
import { ChatModel } from './agent/index.js';
import type { Scope, TenantId } from './common/index.js';
import { MessagesRepository, MessagesService } from './messages/index.js';
import { MessageCounter } from './chats/index.js';
import { RuntimeStats, type RuntimeSnapshot } from './health/index.js';
import { RedisPubSub } from './platform/redis/index.js';
import { LeaseKeeper, RunStore } from './runs/index.js';
import { MessageLookup, StreamTransport, type LookedUpMessage } from './streams/index.js';

/** What streams need to know about messages. */
@Injectable()
export class StoredMessageLookup extends MessageLookup {
  constructor(private readonly messages: MessagesService) {
    super();
  }

  override async find({ tenant }: Scope, messageId: string): Promise<LookedUpMessage> {
    const { chat_id, run } = await this.messages.getQuestion(tenant, messageId);
    return { chat_id, expired: run?.events_expired !== undefined };
  }
}

/** What chats need to know about messages. */
@Injectable()
export class StoredMessageCounter extends MessageCounter {
  constructor(private readonly messages: MessagesRepository) {
    super();
  }

  override count(tenant: TenantId, chatIds: readonly string[]): Promise<Map<string, number>> {
    return this.messages.countByChat(tenant, chatIds);
  }
}

/** What health needs to know about runs, streams and the model. */
@Injectable()
export class LiveRuntimeStats extends RuntimeStats {
  constructor(
    private readonly runs: RunStore,
    private readonly leases: LeaseKeeper,
    private readonly streams: StreamTransport,
    private readonly model: ChatModel,
    @Optional() private readonly redis?: RedisPubSub,
  ) {
    super();
  }

  override async snapshot(): Promise<RuntimeSnapshot> {
    const [queue_depth, model] = await Promise.all([this.runs.countPending(), this.model.check()]);
    return {
      queue_depth,
      active_runs: this.leases.count,
      active_streams: this.streams.active,
      ...(this.redis && { redis: this.redis.state }),
      model: { name: this.model.name, ...model },
    };
  }
}
