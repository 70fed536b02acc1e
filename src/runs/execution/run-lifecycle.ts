import { Injectable } from '@nestjs/common';
import type { EventBody } from '@reprise/protocol';
import {
  AbandonedCalls,
  TurnLog,
  UsageSum,
  type JournaledCall,
  type Spent,
  type TurnEntries,
} from '../../agent/index.js';
import type { TenantId } from '../../common/index.js';
import { ChatQueue } from '../../messages/index.js';
import { Log } from '../../platform/logging/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import { StreamsService, type LogKey } from '../../streams/index.js';
import type { ActiveRun } from './lease-keeper.js';
import { RunFollowUp } from './run-follow-up.js';
import { RunLog } from './run-log.js';
import { answerIdOf } from '../record/answer-id.js';
import type { Ending } from '../record/ending.js';
import { RunStore } from '../record/run-store.js';
import type { HeldRun } from '../../run-record/index.js';
import { LeaseLost } from './stop-reasons.js';
import { storableEnding } from '../record/storable.js';

/**
 * Opens and closes the logs of runs. Closing is a sequence of steps, each of which can be repeated: state, answer,
 * `end`, seal. A process that dies between two of them leaves an unsealed run, and the worker that takes it over
 * continues from there.
 */
@Injectable()
export class RunLifecycle {
  private readonly logger = new Log(RunLifecycle.name);

  constructor(
    private readonly store: RunStore,
    private readonly streams: StreamsService,
    private readonly abandoned: AbandonedCalls,
    private readonly chats: ChatQueue,
    private readonly followUp: RunFollowUp,
  ) {}

  /** @param isNew nobody has written to the log: this process has just stored the run. */
  async open({ run, signal, watch }: ActiveRun, isNew = false): Promise<RunLog> {
    const earlier = { total: run.run.usage, byModel: run.run.spent };
    const usage = new UsageSum(earlier, ({ total, byModel }) => {
      noting = noting.then(() => this.note(run, { total, byModel, turns }));
    });
    let noting = Promise.resolve();
    const turns = new TurnLog(run.run.turns as TurnEntries | undefined, () => {
      usage.touch();
    });
    const key = keyOf(run);
    const log = isNew ? this.streams.begin(key, run.chat_id) : await this.streams.open(key, run.chat_id);
    const firstText = (): void => {
      watch.answered();
    };
    return new RunLog(log, signal, { usage, turns, firstText });
  }

  /**
   * Another worker that continues the run must know what it has cost, and sent. Nothing waits for this, and nothing
   * fails with it.
   */
  private async note(
    run: HeldRun,
    { total, byModel: spent = [], turns }: Spent & { turns: TurnLog },
  ): Promise<void> {
    const changes = turns.takeChanges();
    if (total) await this.store.noteUsage(run, total, { spent, turns: changes }).catch(() => undefined);
  }

  /**
   * The tool calls that belong to `log.prior`. Read before this attempt's first event: once that is in the log, no
   * other worker had continued from here, so what was read matches the log. Otherwise a worker that was paused in
   * between might find the calls of its successor. No call is recorded before its run's first event.
   */
  async recorded(run: HeldRun, log: RunLog): Promise<JournaledCall[]> {
    if (log.prior.length === 0) return [];
    const { tenant, message_id } = keyOf(run);
    const calls = await this.abandoned.recorded(tenant, message_id);
    for (const { status, sources } of calls) if (status === 'ok') log.sources.add(sources);
    return calls;
  }

  /**
   * Confirms that a run is still this worker's, after its log was opened. The response to the claim may be old: a
   * worker that was paused meanwhile finds a log that others have continued, and whose next place is free.
   * @throws LeaseLost
   */
  async confirm(run: HeldRun): Promise<void> {
    if (!(await retryTransient(() => this.store.renew(run)))) throw new LeaseLost();
  }

  /**
   * Ends a run. State and answer come before `end`, so that a client that has seen `end` finds both.
   * @returns whether other runs of the chat may be pending.
   * @throws LeaseLost if the run belongs to another worker.
   */
  async close(run: HeldRun, log: RunLog, given: Ending): Promise<boolean> {
    const ms = this.store.elapsedMs(run);
    const ending = storableEnding(given);
    const stored = { ...ending, turns: log.turns.attempt };
    if (!(await retryTransient(() => this.store.finish(run, stored, ms)))) throw new LeaseLost();
    const { at, others, gone, wantsTitle } = await retryTransient(() => this.chats.leave(run));
    await retryTransient(() => this.store.saveAnswer(run, { content: log.text, created_at: at, ms, ending }));
    if (!log.hasEnded) {
      const calls = await this.endCalls(run, log);
      await Promise.all([...calls, ...lastEvents(log, ending, { ms, run })].map((event) => log.emit(event)));
    }
    // Until an exclusive run is sealed, the chat takes no other one; and the next run of the chat follows the seal.
    const mayWait = !others && run.run.exclusive !== true;
    await retryTransient(() => this.store.seal(run, mayWait));
    if (gone) await this.remove(run);
    else {
      const { text: answer, toolCalls, historyRoom } = log;
      const { status, usage, cost } = ending;
      this.followUp.closed(run, { status, answer, wantsTitle, toolCalls, usage, cost, historyRoom });
    }
    return others;
  }

  /** A question that was admitted to its chat just before the chat was deleted may have been stored after. */
  private async remove(run: HeldRun): Promise<void> {
    const { tenant, message_id } = keyOf(run);
    await this.streams.remove(tenant, [message_id]);
    await this.abandoned.erase(tenant, message_id);
    await this.store.remove(run);
  }

  /**
   * An agent ends its own calls. Those left, in the log or only in the journal, come from an agent that was lost or
   * failed.
   */
  private async endCalls(run: HeldRun, log: RunLog): Promise<EventBody[]> {
    if (run.run.attempt === 1 && log.openCalls.length === 0) return [];
    return this.abandoned.end({ ...keyOf(run), chat_id: run.chat_id }, log.openCalls);
  }

  /** Leaves a run as it is for the next worker. */
  async handOver(run: HeldRun, log: RunLog | undefined): Promise<void> {
    await this.store.release(run, log?.turns.attempt);
  }

  /** A run may be stopped because its message was deleted; then the last thing it wrote is deleted too. */
  async sweepIfDeleted(run: HeldRun, log: RunLog | undefined): Promise<void> {
    const { tenant, message_id } = keyOf(run);
    await log?.settled(); // `start` may still wait for its commit
    if (!(await this.store.exists(run))) await this.streams.remove(tenant, [message_id]);
  }
}

const keyOf = (run: HeldRun): LogKey => ({
  tenant: run.tenant_id as TenantId,
  message_id: run._id.toHexString(),
});

function lastEvents(
  log: RunLog,
  { status, tool_calls, usage, model, cost, sources, failure }: Ending,
  { ms, run }: { ms: number; run: HeldRun },
): EventBody[] {
  const answer_id = answerIdOf(run._id).toHexString();
  const closing = { type: 'end' as const, status, ms_total: ms, tool_calls, usage, model };
  const end: EventBody = {
    ...closing,
    ...(cost && { cost }),
    ...(sources && { sources: [...sources] }),
    answer_id,
  };
  const saidAlready = log.prior.at(-1)?.type === 'error';
  return failure && !saidAlready ? [{ type: 'error', ...failure }, end] : [end];
}

/** How a run ended, if that was stored before its worker was lost. */
export function decidedEnding({ status, run }: HeldRun): Ending | undefined {
  if (status === 'pending' || status === 'processing') return undefined;
  const { usage, spent, cost, model, tool_calls, sources, failure } = run;
  const none = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  return {
    status,
    usage: usage ?? none,
    model: model ?? '',
    tool_calls: tool_calls ?? 0,
    ...(spent && { spent }),
    ...(cost && { cost }),
    ...(sources && { sources }),
    ...(failure && { failure }),
  };
}
