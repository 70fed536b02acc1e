import { Injectable } from '@nestjs/common';
import type { EventBody } from '@reprise/protocol';
import { Agent, RunParked, type AgentRun } from '../../agent/index.js';
import type { TenantId } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { isTooLargeError } from '../../platform/mongo/index.js';
import { FencedError } from '../../streams/index.js';
import { Log } from '../../platform/logging/index.js';
import { LeaseKeeper, type ActiveRun } from './lease-keeper.js';
import { decidedEnding, RunLifecycle } from './run-lifecycle.js';
import type { RunLog } from './run-log.js';
import { RunParking } from './run-parking.js';
import type { Ending } from '../record/ending.js';
import type { HeldRun } from '../../run-record/index.js';
import { RunHistories } from './run-history.js';
import { HandedOver, LeaseLost, RunCancelled, RunTimedOut } from './stop-reasons.js';

/** What is known about a run that starts in the process that stored it. */
export interface RunStart {
  /** Nobody has written to its log. */
  isNew?: boolean;
  /** Questions of the chat up to this one. */
  asked?: number | undefined;
}

/** Works on one run that this process holds, from its first event to its last. */
@Injectable()
export class RunExecutor {
  private readonly logger = new Log(RunExecutor.name);

  constructor(
    private readonly agent: Agent,
    private readonly histories: RunHistories,
    private readonly leases: LeaseKeeper,
    private readonly lifecycle: RunLifecycle,
    private readonly parking: RunParking,
    private readonly settings: Settings,
  ) {}

  /**
   * Never rejects: whatever happens to the run is in its log, or left to the worker that takes it over. @returns
   * whether other runs of the chat may be pending.
   */
  async execute(run: HeldRun, start: RunStart = {}): Promise<boolean> {
    const active = this.leases.keep(run);
    let log: RunLog | undefined;
    try {
      log = await this.lifecycle.open(active, start.isNew);
      active.watch.opened(log.prior);
      if (log.prior.length > 0) await this.lifecycle.confirm(run); // an empty log has one first place, for one worker
      const ending = decidedEnding(run) ?? (await this.work(active, log, start));
      const others = await this.lifecycle.close(run, log, ending);
      active.watch.ended(ending);
      return others;
    } catch (error) {
      return await this.leave(active, error, log);
    } finally {
      active.release();
      log?.close();
    }
  }

  /** Leaves a run that has not ended. Never rejects: its lease runs out. */
  private async leave({ run, watch }: ActiveRun, error: unknown, log: RunLog | undefined): Promise<boolean> {
    try {
      if (error instanceof RunParked) {
        watch.left('parked');
        return await this.parking.park(run, error);
      }
      if (error instanceof FencedError || error instanceof LeaseLost) {
        watch.left('lost');
        this.logger.warn('another worker has this run now', watch.about);
        await this.lifecycle.sweepIfDeleted(run, log);
      } else if (error instanceof HandedOver) {
        await this.lifecycle.handOver(run, log);
        watch.left('handed_over');
      } else {
        watch.left('failed');
        this.logger.error('a run could not be closed', { err: error, ...watch.about });
      }
    } catch (failure) {
      this.logger.error('a run could not be left in order', { err: failure, ...watch.about });
    }
    return true;
  }

  private async work(active: ActiveRun, log: RunLog, start: RunStart): Promise<Ending> {
    const { run } = active;
    try {
      const recorded = await this.lifecycle.recorded(run, log);
      if (run.run.cancel_requested) return this.ended(log, { status: 'cancelled' });
      if (run.run.attempt - run.run.handovers > this.settings.RUN_MAX_ATTEMPTS)
        return this.ended(log, { status: 'error', failure: WORKER_LOST });
      // A run that a person's decision has continued goes on with that decision.
      const opened = wasWoken(run) ? Promise.resolve() : emitOpening(run, log, start);
      opened.catch(() => undefined); // every later event is rejected, too
      // A run that nobody else can have begun need not wait: the model thinks while `start` becomes durable.
      const [task] = await Promise.all([
        this.task(active, log, { recorded, opened, ...start }),
        start.isNew ? undefined : opened,
      ]);
      const outcome = await this.agent.run(task);
      const { status, model, error } = outcome;
      return {
        ...this.soFar(log),
        status,
        model,
        tool_calls: log.toolCalls,
        ...(error && { failure: error }),
      };
    } catch (error) {
      return this.endingOf(error, active, log);
    }
  }

  private async task(
    { run, signal, handover, watch }: ActiveRun,
    log: RunLog,
    { recorded, opened, asked }: RunStart & Pick<AgentRun, 'recorded' | 'opened'>,
  ): Promise<AgentRun> {
    const tenant = run.tenant_id as TenantId;
    const history = await this.histories.open(run, signal, asked);
    history.onRoom = (room) => (log.historyRoom = room);
    const { chat_id, content, instructions, attachments, metadata } = run;
    const message_id = run._id.toHexString();
    return {
      tenant,
      user: run.user_id,
      chat_id,
      message_id,
      attempt: run.run.attempt,
      request_id: run.run.origin?.request_id,
      span: watch.span,
      agent: run.agent ?? '',
      agent_version: run.run.agent_version,
      chosen: run.run.chosen,
      content,
      instructions,
      attachments,
      metadata,
      history: history.exchanges,
      summary: history,
      prior: log.prior,
      recorded,
      opened,
      sink: log,
      usage: log.usage,
      sources: log.sources,
      turns: log.turns,
      signal,
      handover,
    };
  }

  private endingOf(error: unknown, { signal, watch }: ActiveRun, log: RunLog): Ending {
    const isLeft = error instanceof HandedOver || error instanceof RunParked;
    if (error instanceof FencedError || (isLeft && !signal.aborted)) throw error;
    if (signal.reason instanceof LeaseLost) throw signal.reason;
    if (signal.reason instanceof RunCancelled) return this.ended(log, { status: 'cancelled' });
    if (signal.reason instanceof RunTimedOut) {
      const seconds = Math.round(this.settings.RUN_TIMEOUT_MS / 1000);
      const error = `The run took longer than ${seconds} s.`;
      return this.ended(log, { status: 'error', failure: { error, code: 'run_timeout', retryable: true } });
    }
    if (isTooLargeError(error)) {
      this.logger.warn('a run had more to store than one document holds', { err: error, ...watch.about });
      return this.ended(log, { status: 'error', failure: TOO_LARGE });
    }
    this.logger.error('an agent failed', { err: error, ...watch.about });
    return this.ended(log, { status: 'error', failure: AGENT_FAILED });
  }

  /** An ending that the agent did not see; what its last model turn has used is unknown. */
  private ended(log: RunLog, how: Pick<Ending, 'status' | 'failure'>): Ending {
    const model = log.usage.model ?? this.agent.modelName;
    return { ...this.soFar(log), ...how, model, tool_calls: log.toolCalls };
  }

  private soFar({ usage, sources }: RunLog): Pick<Ending, 'usage' | 'spent' | 'cost' | 'sources'> {
    const cost = this.agent.costOf(usage);
    return {
      usage: usage.total,
      spent: usage.byModel,
      ...(cost && { cost }),
      ...(sources.list.length > 0 && { sources: sources.list }),
    };
  }
}

const WORKER_LOST = {
  error: 'The server working on this run was lost.',
  code: 'worker_lost',
  retryable: true,
};

const TOO_LARGE = {
  error: 'Something in this run is larger than the database can store in one document (16 MB).',
  code: 'too_large_to_store',
  retryable: false,
};

const AGENT_FAILED = { error: 'The agent failed unexpectedly.', code: 'agent_failed', retryable: true };

const wasWoken = ({ run }: HeldRun): boolean => run.woken_attempt === run.attempt;

/** The first event of a run that nobody else can have begun becomes durable with the next one. */
function emitOpening(run: HeldRun, log: RunLog, { isNew }: RunStart): Promise<void> {
  return isNew ? log.emitWithNext(opening(run, log)) : log.emit(opening(run, log));
}

function opening(run: HeldRun, log: RunLog): EventBody {
  const { attempt, agent_version } = run.run;
  if (log.prior.length > 0 && run.run.forked_from && attempt === 1)
    return { type: 'status', text: 'Continuing from an earlier run' };
  if (log.prior.length > 0)
    return { type: 'status', text: `Continuing after an interruption (attempt ${attempt})`, attempt };
  const version = agent_version === undefined ? {} : { agent_version };
  return { type: 'start', status: 'processing', agent: run.agent ?? '', attempt, ...version };
}
