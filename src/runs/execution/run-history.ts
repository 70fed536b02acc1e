import { Injectable } from '@nestjs/common';
import type { EarlierExchange, EarlierSummary, HistorySummary, KeptHistory } from '../../agent/index.js';
import { Conversation, ConversationSummaries, type StoredSummary } from '../../messages/index.js';
import { Settings } from '../../platform/config/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import type { HeldRun } from '../../run-record/index.js';
import { RunStore } from '../record/run-store.js';
import { toEarlierExchanges } from './earlier-exchanges.js';

/** A database restart is a pause for a run, not its end. */
const DATABASE_PATIENCE_MS = 60_000;

/** Reads what was said before a run's question. */
@Injectable()
export class RunHistories {
  constructor(
    private readonly conversation: Conversation,
    private readonly summaries: ConversationSummaries,
    private readonly store: RunStore,
    private readonly settings: Settings,
  ) {}

  /** @param asked the most questions that the chat can have, if known. */
  async open(run: HeldRun, signal: AbortSignal, asked?: number): Promise<RunHistory> {
    const limit = this.settings.HISTORY_MAX_MESSAGES;
    const patiently = <T>(call: () => Promise<T>): Promise<T> =>
      retryTransient(call, { signal, forMs: DATABASE_PATIENCE_MS });
    const read = await patiently(() => this.conversation.before(run, limit, asked));
    const exchanges = toEarlierExchanges(read);
    const isAll = read.length < limit;
    return new RunHistory(exchanges, isAll, (places) => patiently(() => this.choose(run, places)));
  }

  /**
   * The summary that a run is given. What was chosen once stays: for its next attempts, and for the other versions of its
   * question, which have the same conversation before them.
   */
  private async choose(run: HeldRun, places: Places): Promise<HistorySummary | undefined> {
    const own = run.run.summary;
    const known = own === undefined ? await this.store.summaryOfVersions(run) : own;
    if (known === null) return this.note(run, undefined);
    const before = known === undefined ? undefined : await this.summaries.find(run, known);
    if (before && !places.kept.has(before.until)) return this.note(run, before);
    if (this.settings.HISTORY_SUMMARIES === 'off') return undefined;
    return this.note(run, await this.newest(run, places));
  }

  /** That of the latest place which is left out. One that lags far behind is looked for on the way back. */
  private async newest(run: HeldRun, { kept, left }: Places): Promise<StoredSummary | undefined> {
    const found = await this.summaries.latestAt(run, left);
    if (found) return found;
    const others = (await this.summaries.placesOf(run)).filter((place) => !kept.has(place));
    const place = await this.conversation.nearest(run, new Set(others));
    return place === undefined ? undefined : this.summaries.latestAt(run, [place]);
  }

  private async note(run: HeldRun, summary: StoredSummary | undefined): Promise<HistorySummary | undefined> {
    if (run.run.summary === undefined) await this.store.noteSummary(run, summary?.id ?? null);
    return summary;
  }
}

/** Places of a conversation: those that are passed to the model, and those before them that were read, oldest first. */
interface Places {
  kept: ReadonlySet<string>;
  left: readonly string[];
}

/** The conversation before one run, as far as it was read. */
export class RunHistory implements EarlierSummary {
  /** Told what is left of the limits. */
  onRoom: (room: KeptHistory['room']) => void = () => undefined;
  private chosen: Promise<HistorySummary | undefined> | undefined;

  /** @param isAll nothing was said before these exchanges. */
  constructor(
    readonly exchanges: readonly EarlierExchange[],
    private readonly isAll: boolean,
    private readonly choose: (places: Places) => Promise<HistorySummary | undefined>,
  ) {}

  of({ kept, room }: KeptHistory): Promise<HistorySummary | undefined> {
    const places = this.exchanges.map(({ message_id, place = message_id }) => place);
    const left = places.slice(0, places.length - kept);
    const isCut = left.length > 0 || !this.isAll;
    this.onRoom(isCut ? { messages: 0, tokens: 0 } : room);
    if (!isCut) return Promise.resolve(undefined);
    this.chosen ??= this.choose({ kept: new Set(places.slice(left.length)), left });
    return this.chosen;
  }
}
