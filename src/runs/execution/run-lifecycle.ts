import { Injectable } from '@nestjs/common';
import type { EventBody } from '@reprise/protocol';
import { AbandonedCalls, UsageSum } from '../../agent/index.js';
import type { TenantId } from '../../common/index.js';
import { MessageTimes } from '../../messages/index.js';
import { Log } from '../../platform/logging/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import { StreamsService, type LogKey } from '../../streams/index.js';
import type { ActiveRun } from './lease-keeper.js';
import { RunLog } from './run-log.js';
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
    private readonly times: MessageTimes,
  ) {}

  async open({ run, signal }: ActiveRun): Promise<RunLog> {
    const usage = new UsageSum(run.run.usage, (total) => {
      // Another worker that continues the run must know what it has cost. Nothing waits for this, and nothing fails
      // with it.
      this.store.noteUsage(run, total).catch(() => undefined);
    });
    return new RunLog(await this.streams.open(keyOf(run), run.chat_id), signal, usage);
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
   * @throws LeaseLost if the run belongs to another worker.
   */
  async close(run: HeldRun, log: RunLog, given: Ending): Promise<void> {
    const ms = this.store.elapsedMs(run);
    const ending = storableEnding(given);
    if (!(await retryTransient(() => this.store.finish(run, ending, ms)))) throw new LeaseLost();
    const created_at = await retryTransient(() => this.times.ofAnswer(run));
    await retryTransient(() => this.store.saveAnswer(run, { content: log.text, created_at, ms, ending }));
    if (!log.hasEnded) {
      const calls = await this.endCalls(run, log);
      await Promise.all([...calls, ...lastEvents(log, ending, ms)].map((event) => log.emit(event)));
    }
    await retryTransient(() => this.store.seal(run));
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
  async handOver(run: HeldRun): Promise<void> {
    await this.store.release(run);
  }

  /** A run may be stopped because its message was deleted; then the last thing it wrote is deleted too. */
  async sweepIfDeleted(run: HeldRun): Promise<void> {
    const { tenant, message_id } = keyOf(run);
    if (!(await this.store.exists(run))) await this.streams.remove(tenant, [message_id]);
  }
}

const keyOf = (run: HeldRun): LogKey => ({
  tenant: run.tenant_id as TenantId,
  message_id: run._id.toHexString(),
});

function lastEvents(
  log: RunLog,
  { status, tool_calls, usage, model, failure }: Ending,
  ms: number,
): EventBody[] {
  const end: EventBody = { type: 'end', status, ms_total: ms, tool_calls, usage, model };
  const saidAlready = log.prior.at(-1)?.type === 'error';
  return failure && !saidAlready ? [{ type: 'error', ...failure }, end] : [end];
}

/** How a run ended, if that was stored before its worker was lost. */
export function decidedEnding({ status, run }: HeldRun): Ending | undefined {
  if (status === 'pending' || status === 'processing') return undefined;
  const { usage, model, tool_calls, failure } = run;
  const none = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  return {
    status,
    usage: usage ?? none,
    model: model ?? '',
    tool_calls: tool_calls ?? 0,
    ...(failure && { failure }),
  };
}
