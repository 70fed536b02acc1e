import { Injectable } from '@nestjs/common';
import { History, type EarlierExchange } from '../agent/index.js';
import type { TenantId } from '../common/index.js';
import { Conversation, ConversationSummaries, type StoredSummary } from '../messages/index.js';
import { Settings } from '../platform/config/index.js';
import type { HeldRun } from '../run-record/index.js';
import { toEarlierExchanges } from '../runs/index.js';

/** What a summary is to be made of. */
export interface Span {
  /** Of what was said before it. */
  previous: StoredSummary | undefined;
  /** The places of the conversation that it adds, oldest first. */
  places: string[];
}

/** Places that are looked up at once. */
const BATCH = 40;
/** In a longer conversation nobody has summarised, the summary begins this many places back. */
const PLACES_MAX = 2000;

/** Finds what of a conversation the next question on its branch will leave out. */
@Injectable()
export class LeftOut {
  constructor(
    private readonly conversation: Conversation,
    private readonly summaries: ConversationSummaries,
    private readonly history: History,
    private readonly settings: Settings,
  ) {}

  /** @param answer to the question of `run`, the last of its branch. */
  async behind(run: HeldRun, answer: string): Promise<Span> {
    const kept = await this.keptNext(run, answer);
    const span: Span = { previous: undefined, places: [] };
    let unknown: string[] = [];
    let passed = 0;
    for await (const { place, isPending } of this.placesUpTo(run)) {
      if (++passed > PLACES_MAX) break;
      if (kept.delete(place) || kept.size > 0) continue;
      // What an interrupting message has overtaken is answered later, and belongs before what comes after it.
      if (isPending) [span.places, unknown] = [[], []];
      else span.places.push(place);
      if (!isPending && unknown.push(place) >= BATCH) {
        if (await this.knows(run, span, unknown)) break;
        unknown = [];
      }
    }
    if (!span.previous) await this.knows(run, span, unknown);
    span.places.reverse();
    return span;
  }

  /** Whether there is a summary up to one of the places; then only those after it are left. @param span newest first. */
  private async knows(run: HeldRun, span: Span, places: readonly string[]): Promise<boolean> {
    span.previous = await this.summaries.latestAt(run, places);
    if (!span.previous) return false;
    span.places.splice(span.places.indexOf(span.previous.until));
    return true;
  }

  private async *placesUpTo(run: HeldRun): AsyncGenerator<{ place: string; isPending: boolean }> {
    yield { place: run._id.toHexString(), isPending: false };
    yield* this.conversation.placesBefore(run);
  }

  /** The places whose exchanges the next question is passed with. */
  private async keptNext(run: HeldRun, answer: string): Promise<Set<string>> {
    const before = await this.conversation.before(run, this.settings.HISTORY_MAX_MESSAGES);
    const own: EarlierExchange = { message_id: run._id.toHexString(), question: run.content, answer };
    const exchanges = [...toEarlierExchanges(before), own];
    const { kept } = await this.history.window(run.tenant_id as TenantId, exchanges);
    const last = exchanges.slice(exchanges.length - kept);
    return new Set(last.map(({ message_id, place = message_id }) => place));
  }
}
