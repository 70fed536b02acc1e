import { Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import { ToolRegistry } from '../../tools/index.js';
import type { ModelToolCall } from '../../models/index.js';
import { declined } from './approval-events.js';
import type { CallApproval } from './call-approval.js';
import { CallLog, waitingCall, type PlacedCall } from './call-log.js';
import { TASK_TOOL } from '../catalogue/definition.js';
import type { EarlierCall } from '../loop/resume.js';
import { RunParked } from '../loop/run-parked.js';
import { failed, outcomeOf, ToolExecution, type ToolOutcome, type ToolScope } from './tool-execution.js';
import type { FinishedCall } from '../loop/transcript.js';
import type { AskedTurn } from '../asking/turn-receiver.js';

const PARALLEL_CALLS = 8;

/** A call that has ended, and whether that took a `tool_start`. */
export interface RanCall extends FinishedCall {
  started: boolean;
}

type Ran = Pick<RanCall, 'result' | 'started'>;

/** A turn of an earlier attempt. */
interface ResumedTurn {
  scope: ToolScope;
  order: PQueue;
  /** How many calls the log is to announce after this one, which it has not announced either. */
  toCome: (call: EarlierCall) => number;
}

/**
 * Runs the tool calls of a model turn, in parallel, and writes journal and log in the order that a resumed run relies
 * on: the turn's text → journal → `tool_start` → the tool → journal → `tool_end`, each durable before the next. A turn
 * whose calls are in the journal was received completely: text that was not in the log by then would be lost with the
 * worker. A call that needs approval waits between journal and `tool_start`: `approval_required` → the decision, in the
 * journal → `approval_resolved`. Nothing of this is kept in memory: a decision continues the run like a crash.
 */
@Injectable()
export class ToolRunner {
  constructor(
    private readonly execution: ToolExecution,
    private readonly registry: ToolRegistry,
    private readonly log: CallLog,
  ) {}

  /**
   * Runs the calls that a model turn requested.
   * @returns results in the order of the calls; failures are results too.
   * @throws the signal's reason if the run ends meanwhile, after every started call got its `tool_end`; RunParked if
   * some calls need approval, once all others have ended.
   */
  async runAll({ calls, provider }: AskedTurn, step: number, scope: ToolScope): Promise<RanCall[]> {
    scope.signal.throwIfAborted();
    await scope.emitter.drain();
    const placed = calls.map((call, position) => ({ call, step, position }));
    const asking = calls.filter((call) => this.needsApproval(call, scope));
    const gated = new Set(asking.map(({ id }) => id));
    const approval = await this.log.record({ calls: placed, gated, provider }, scope);
    await Promise.all(
      asking.map((call, index) => this.log.ask({ call, toCome: calls.length - index - 1 }, approval, scope)),
    );
    return this.parallel(
      placed,
      (one, order) => (gated.has(one.call.id) ? wait(one.call, approval) : this.runOne(one, scope, order)),
      scope,
    );
  }

  /**
   * Completes the calls of an earlier attempt: calls that have ended are not run again, and nobody is asked twice.
   * @throws like {@link runAll}.
   */
  async resumeAll(calls: readonly EarlierCall[], scope: ToolScope): Promise<RanCall[]> {
    const unannounced = calls.filter(isUnannounced);
    const toCome = (call: EarlierCall): number => unannounced.length - unannounced.indexOf(call) - 1;
    return this.parallel(calls, (call, order) => this.resumeOne(call, { scope, order, toCome }), scope);
  }

  /** A call that would fail anyway is not worth a question: the model is told what is wrong with it. */
  private needsApproval({ name, arguments: text }: ModelToolCall, scope: ToolScope): boolean {
    if (scope.run.substitutes) return false;
    const needed = scope.approvals.has(name) || this.registry.find(name)?.approval === true;
    return needed && scope.allowed.has(name) && this.registry.faults(name, text).length === 0;
  }

  private async parallel<T extends { call: ModelToolCall }>(
    calls: readonly T[],
    run: (call: T, order: PQueue) => Promise<Ran>,
    scope: ToolScope,
  ): Promise<RanCall[]> {
    const { emitter, signal } = scope;
    const alone =
      !scope.parallel || calls.some(({ call }) => this.registry.find(call.name)?.parallel === false);
    const queue = new PQueue({ concurrency: alone ? 1 : PARALLEL_CALLS });
    const order = new PQueue({ concurrency: 1 }); // calls start in the model's order, though they run in parallel
    const settled = await Promise.allSettled(calls.map((call) => queue.add(() => run(call, order))));
    emitter.lost.throwIfAborted();
    signal.throwIfAborted();
    throwFirst(settled);
    return calls.map(({ call }, index) => ({ call, ...valueOf(settled[index]) }));
  }

  private async resumeOne(earlier: EarlierCall, resumed: ResumedTurn): Promise<Ran> {
    const { call, state, record, result = { text: '' } } = earlier;
    const { scope, order } = resumed;
    if (state === 'waiting' && record?.approval) return this.resumeGated(earlier, record.approval, resumed);
    if (state === 'waiting') return this.runOne(earlier, scope, order);
    if (state === 'interrupted') return this.resumeInterrupted(earlier, scope, order);
    if (state === 'unannounced' && record) await this.log.announceEnd(call, outcomeOf(record), scope);
    return { result, started: false };
  }

  /** A call that had not started because it needs approval: what the log does not say yet comes first. */
  private async resumeGated(
    earlier: EarlierCall,
    approval: CallApproval,
    { scope, order, toCome }: ResumedTurn,
  ): Promise<Ran> {
    const { call, asked, resolved, record } = earlier;
    const { state } = approval;
    const question = { call: { ...call, arguments: record?.arguments ?? '' }, toCome: toCome(earlier) };
    await order.add(async () => {
      if (!asked) await this.log.ask(question, approval, scope);
      if (state !== 'pending' && !resolved) await this.log.resolve(call, approval, scope);
    });
    if (state === 'pending') return wait(call, approval);
    if (state === 'approved') return this.runOne(earlier, scope, order);
    return { result: await this.log.end(call, declined(approval), scope), started: false };
  }

  /** The effect of an interrupted call is unknown: only a tool declared idempotent runs again. */
  private async resumeInterrupted(earlier: EarlierCall, scope: ToolScope, order: PQueue): Promise<Ran> {
    const { call, record } = earlier;
    // An agent that was at work continues where its own events and calls end.
    if (record && call.name === TASK_TOOL) return this.runOne({ ...earlier, announced: true }, scope, order);
    if (record && this.registry.find(call.name)?.idempotent) {
      await scope.emitter.emit({ type: 'status', text: `Running ${call.name} again after an interruption` });
      return this.runOne({ ...earlier, announced: true }, scope, order);
    }
    const unknown = failed('outcome_unknown', 'outcome unknown: the server stopped while the tool ran');
    return { result: await this.log.end(call, { ...unknown, ms: 0 }, scope), started: false };
  }

  private async runOne(placed: PlacedCall, scope: ToolScope, order: PQueue): Promise<Ran> {
    await order.add(() => this.log.begin(placed, scope));
    const outcome = await this.work(placed.call, scope);
    const result = await this.log.end(placed.call, outcome, scope);
    return { result, started: placed.announced !== true };
  }

  private work(call: ModelToolCall, scope: ToolScope): Promise<ToolOutcome> {
    const isTask = call.name === TASK_TOOL && scope.allowed.has(TASK_TOOL);
    return isTask ? this.execution.delegate(call, scope) : this.execution.execute(call, scope);
  }
}

/** The log has neither a question about it nor its start. */
function isUnannounced({ state, asked }: EarlierCall): boolean {
  return state === 'waiting' && !asked;
}

function wait(call: ModelToolCall, approval: CallApproval): Promise<never> {
  return Promise.reject(new RunParked([waitingCall(call, approval)]));
}

/** A failure ends the run's attempt; calls that wait only let it rest. */
function throwFirst(settled: readonly PromiseSettledResult<unknown>[]): void {
  const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const parked = reasons.filter((reason) => reason instanceof RunParked);
  if (parked.length < reasons.length) throw reasons.find((reason) => !(reason instanceof RunParked));
  if (parked.length > 0) throw RunParked.all(parked);
}

function valueOf(settled: PromiseSettledResult<Ran> | undefined): Ran {
  if (settled?.status === 'fulfilled') return settled.value;
  throw settled?.reason;
}
