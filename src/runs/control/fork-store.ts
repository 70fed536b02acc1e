import { Injectable } from '@nestjs/common';
import type { StreamEvent } from '@reprise/protocol';
import { ToolJournal } from '../../agent/index.js';
import { Clock } from '../../common/index.js';
import { StreamsService, type LogKey } from '../../streams/index.js';
import { copyCalls, copyEvents, type ForkChange } from './fork-copy.js';

/** Stores the beginning of a fork: before its message, so that the message is never without it. */
@Injectable()
export class ForkStore {
  constructor(
    private readonly streams: StreamsService,
    private readonly journal: ToolJournal,
    private readonly clock: Clock,
  ) {}

  approvalsUntil(ms: number): Date {
    return new Date(this.clock.now() + ms);
  }

  async write(
    key: LogKey & { chat_id: string },
    { from, events, change }: { from: string; events: readonly StreamEvent[]; change: ForkChange },
  ): Promise<void> {
    const calls = await this.journal.list(key.tenant, from);
    await this.journal.restore(key, copyCalls(events, calls, change));
    await this.streams.restore(key, copyEvents(events, change));
  }

  async remove({ tenant, message_id }: LogKey): Promise<void> {
    await this.streams.remove(tenant, [message_id]);
    await this.journal.deleteByMessages(tenant, [message_id]);
  }
}
