import { Injectable } from '@nestjs/common';
import type { StreamEvent } from '@reprise/protocol';
import {
  readEntries,
  SentMessages,
  ToolJournal,
  type EarlierExchange,
  type ShownTurns,
  type TurnEntries,
} from '../../agent/index.js';
import type { Scope } from '../../common/index.js';
import { MessagesRepository, MessagesService } from '../../messages/index.js';
import { StreamsService } from '../../streams/index.js';
import { toEarlierExchange } from '../execution/earlier-exchanges.js';

/** Which turns to show. */
export interface TurnsQuery {
  /** Number of the last turn that the client has; 0 for the first page. */
  after: number;
  limit: number;
}

/** What went to the models in a run. */
@Injectable()
export class RunTurns {
  constructor(
    private readonly messages: MessagesService,
    private readonly records: MessagesRepository,
    private readonly streams: StreamsService,
    private readonly journal: ToolJournal,
    private readonly sent: SentMessages,
  ) {}

  /**
   * The requests of a run, put together from what is stored. What is gone is named, and does not fail.
   * @throws AppError `message_not_found`.
   */
  async list(scope: Scope, messageId: string, query: TurnsQuery): Promise<ShownTurns> {
    const { content, instructions, attachments, run } = await this.messages.getQuestion(scope, messageId);
    const entries = (await this.records.turns(scope, messageId)) as TurnEntries | undefined;
    const isExpired = run?.events_expired !== undefined;
    const { tenant } = scope;
    const [log, calls, exchanges, summaries] = await Promise.all([
      isExpired ? undefined : this.log(scope, messageId),
      isExpired ? [] : this.journal.list(tenant, messageId),
      this.exchanges(scope, entries),
      this.records.summaryTexts(scope, summariesIn(entries)),
    ]);
    const chosen = run?.chosen;
    const given = { content, instructions, chosen, attachments };
    const kept = { tenant, ...given, entries, log, calls, exchanges, summaries };
    return this.sent.of(kept, query);
  }

  private async log({ tenant }: Scope, message_id: string): Promise<StreamEvent[]> {
    const events: StreamEvent[] = [];
    for await (const event of this.streams.read({ tenant, message_id }, 0)) events.push(event);
    return events;
  }

  private async exchanges(
    scope: Scope,
    entries: TurnEntries | undefined,
  ): Promise<ReadonlyMap<string, EarlierExchange>> {
    const ids = new Set(Object.values(readEntries(entries).starts).flatMap(({ history }) => history));
    const found = await this.records.exchanges(scope, [...ids]);
    return new Map(
      found.map((exchange) => [exchange.question._id.toHexString(), toEarlierExchange(exchange)]),
    );
  }
}

/** Ids of the summaries of the earlier conversation that agents were given. */
function summariesIn(entries: TurnEntries | undefined): string[] {
  return Object.values(readEntries(entries).starts).flatMap(({ summary }) => summary ?? []);
}
