import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import PQueue from 'p-queue';
import { Conversation, ConversationSummaries, type StoredSummary } from '../messages/index.js';
import { estimateTokens, ModelError } from '../models/index.js';
import { Settings } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import type { HeldRun } from '../run-record/index.js';
import { RunFollowUp, toEarlierExchanges, type ClosedRun } from '../runs/index.js';
import { LeftOut, type Span } from './left-out.js';
import { INPUT_TOKENS, SummaryWriter } from './summary-writer.js';

/** Chats whose summaries are made at a time; runs come first. */
const AT_ONCE = 2;
/** More chats than this do not wait: theirs are made after the next answer. */
const WAITING_MAX = 100;
/** Requests after one answer; what then is not summarised yet follows after the next. */
const REQUESTS_MAX = 8;
/** Places that are read at a time. */
const PLACES_AT_ONCE = 40;
/** What a tool call may add to the history, in estimated tokens; nearly all add less. */
const CALL_TOKENS = 1200;
/** If the model refuses less than this as too long, it is not asked again. */
const SMALLEST_PORTION = 400;

/**
 * Has what a conversation is too long for summarised, after an answer, for the answers that follow. Beside everything
 * else: no run waits for it or fails with it, and it is in no log. What is lost with the process, or fails, is tried
 * again after the chat's next answer.
 */
@Injectable()
export class Summariser extends RunFollowUp implements BeforeApplicationShutdown {
  private readonly logger = new Log(Summariser.name);
  private readonly queue = new PQueue({ concurrency: AT_ONCE });
  private readonly underWay = new Set<string>();
  private readonly leaving = new AbortController();

  constructor(
    private readonly leftOut: LeftOut,
    private readonly conversation: Conversation,
    private readonly summaries: ConversationSummaries,
    private readonly writer: SummaryWriter,
    private readonly settings: Settings,
  ) {
    super();
  }

  override closed(run: HeldRun, closed: ClosedRun): void {
    if (this.settings.HISTORY_SUMMARIES === 'off' || !this.writer.isAble) return;
    if (this.leaving.signal.aborted || !leavesOut(run, closed)) return;
    const { chat_id } = run;
    if (this.underWay.has(chat_id) || this.queue.size >= WAITING_MAX) return;
    this.underWay.add(chat_id);
    void this.queue.add(() => this.follow(run, closed.answer)).finally(() => this.underWay.delete(chat_id));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.leaving.abort();
    this.queue.clear();
    await this.queue.onIdle();
  }

  /** Never rejects. */
  private async follow(run: HeldRun, answer: string): Promise<void> {
    try {
      if (await this.summaries.areMade(run)) return;
      await this.summarise(run, await this.leftOut.behind(run, answer));
    } catch (error) {
      if (this.leaving.signal.aborted) return;
      this.logger.warn('a long conversation could not be summarised; the next answer tries again', {
        err: error,
        chat_id: run.chat_id,
      });
    }
  }

  /** Piece by piece: each continues the summary of those before it, and is stored. */
  private async summarise(run: HeldRun, span: Span): Promise<void> {
    let most = INPUT_TOKENS;
    for (let requests = 0; requests < REQUESTS_MAX && span.places.length > 0; requests++) {
      this.leaving.signal.throwIfAborted();
      try {
        if (!(await this.next(run, span, most))) return;
      } catch (error) {
        const isTooLong = error instanceof ModelError && error.options.overflow !== undefined;
        if (!isTooLong || most < SMALLEST_PORTION) throw error;
        most /= 2;
      }
    }
  }

  /** Summarises the first places of a span, and takes them from it. @returns whether there can be more. */
  private async next(run: HeldRun, span: Span, most: number): Promise<boolean> {
    const read = span.places.slice(0, PLACES_AT_ONCE);
    const exchanges = toEarlierExchanges(await this.conversation.at(run, read));
    const previous = span.previous?.text;
    const portion = await this.writer.portion(previous, exchanges, most);
    const last = portion.at(-1)?.place;
    // Questions that failed for good are passed to no model.
    const count = last === undefined ? read.length : read.indexOf(last) + 1;
    if (last !== undefined) {
      const stored = await this.store(run, { ...span, places: read.slice(0, count) }, portion);
      if (!stored) return false;
      span.previous = stored;
    }
    span.places.splice(0, count);
    return true;
  }

  /** @returns nothing if another process makes the same summary, or the chat is gone. */
  private async store(
    run: HeldRun,
    span: Span,
    exchanges: Parameters<SummaryWriter['write']>[1],
  ): Promise<StoredSummary | undefined> {
    const claim = await this.summaries.claim(run, span);
    if (!claim) return undefined;
    try {
      const written = await this.writer.write(span.previous?.text, exchanges, this.leaving.signal);
      return await this.summaries.store(claim, written);
    } catch (error) {
      await this.summaries.withdraw(claim).catch(() => undefined); // it runs out
      throw error;
    }
  }
}

/** Whether the next question may have to leave something out: told without a look at the database. */
function leavesOut({ content }: HeldRun, { status, answer, toolCalls, historyRoom }: ClosedRun): boolean {
  if (status !== 'completed' || answer.trim() === '' || !historyRoom) return false;
  const tokens = estimateTokens(content) + estimateTokens(answer) + 8 + toolCalls * CALL_TOKENS;
  return historyRoom.messages < 2 || historyRoom.tokens < tokens;
}
