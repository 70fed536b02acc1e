import { Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import { clipWithMark, Clock } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { summarizeArguments, ToolRegistry } from '../tools/index.js';
import {
  ARGUMENTS_MAX_CHARS,
  toStoredText,
  type CallResult,
  type ModelToolCall,
  type ProviderData,
} from '../models/index.js';
import { TASK_TOOL } from './catalogue/definition.js';
import { payloadField } from './call-payload.js';
import { ToolJournal, type NewToolCall } from './tool-journal.js';
import type { EarlierCall } from './resume.js';
import {
  failed,
  outcomeOf,
  toolEnd,
  ToolExecution,
  type ToolOutcome,
  type ToolScope,
} from './tool-execution.js';
import type { FinishedCall } from './transcript.js';
import type { AskedTurn } from './turn-receiver.js';

const PARALLEL_CALLS = 8;

/** A call with its position in the run. */
interface PlacedCall {
  call: ModelToolCall;
  step: number;
  position: number;
  /** Its `tool_start` is in the log already. */
  announced?: boolean;
}

/**
 * Runs the tool calls of a model turn, in parallel, and writes journal and log in the order that a resumed run relies
 * on: the turn's text → journal → `tool_start` → the tool → journal → `tool_end`, each durable before the next. A turn
 * whose calls are in the journal was received completely: text that was not in the log by then would be lost with the
 * worker.
 */
@Injectable()
export class ToolRunner {
  constructor(
    private readonly execution: ToolExecution,
    private readonly registry: ToolRegistry,
    private readonly journal: ToolJournal,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs the calls that a model turn requested.
   * @returns results in the order of the calls; failures are results too.
   * @throws the signal's reason if the run ends meanwhile, after every started call got its `tool_end`.
   */
  async runAll({ calls, provider }: AskedTurn, step: number, scope: ToolScope): Promise<FinishedCall[]> {
    scope.signal.throwIfAborted();
    await scope.emitter.drain();
    const placed = calls.map((call, position) => ({ call, step, position }));
    const started_at = new Date(this.clock.now());
    // All before any starts: whatever is interrupted now, a resumed run knows everything the model requested.
    await this.journal.start(
      scope.run,
      placed.map((call, index) => ({
        ...newRecord(call, started_at, index === 0 ? provider : undefined),
        ...(scope.run.parent_call_id !== undefined && { parent_call_id: scope.run.parent_call_id }),
      })),
    );
    return this.parallel(placed, (call, order) => this.runOne(call, scope, order), scope);
  }

  /** Completes the calls of an earlier attempt: calls that have ended are not run again. */
  async resumeAll(calls: readonly EarlierCall[], scope: ToolScope): Promise<FinishedCall[]> {
    return this.parallel(calls, (call, order) => this.resumeOne(call, scope, order), scope);
  }

  private async parallel<T extends { call: ModelToolCall }>(
    calls: readonly T[],
    run: (call: T, order: PQueue) => Promise<CallResult>,
    scope: ToolScope,
  ): Promise<FinishedCall[]> {
    const { emitter, signal } = scope;
    const alone =
      !scope.parallel || calls.some(({ call }) => this.registry.find(call.name)?.parallel === false);
    const queue = new PQueue({ concurrency: alone ? 1 : PARALLEL_CALLS });
    const order = new PQueue({ concurrency: 1 }); // calls start in the model's order, though they run in parallel
    const settled = await Promise.allSettled(calls.map((call) => queue.add(() => run(call, order))));
    emitter.lost.throwIfAborted();
    signal.throwIfAborted();
    return calls.map(({ call }, index) => ({ call, result: valueOf(settled[index]) }));
  }

  private async resumeOne(earlier: EarlierCall, scope: ToolScope, order: PQueue): Promise<CallResult> {
    const { call, state, record, result = { text: '' } } = earlier;
    if (state === 'waiting') return this.runOne(earlier, scope, order);
    if (state === 'interrupted') return this.resumeInterrupted(earlier, scope, order);
    if (state === 'unannounced' && record) await this.announceEnd(call, outcomeOf(record), scope);
    return result;
  }

  /** The effect of an interrupted call is unknown: only a tool declared idempotent runs again. */
  private async resumeInterrupted(
    earlier: EarlierCall,
    scope: ToolScope,
    order: PQueue,
  ): Promise<CallResult> {
    const { call, record } = earlier;
    // An agent that was at work continues where its own events and calls end.
    if (record && call.name === TASK_TOOL) return this.runOne({ ...earlier, announced: true }, scope, order);
    if (record && this.registry.find(call.name)?.idempotent) {
      await scope.emitter.emit({ type: 'status', text: `Running ${call.name} again after an interruption` });
      return this.runOne({ ...earlier, announced: true }, scope, order);
    }
    const unknown = failed('outcome_unknown', 'outcome unknown: the server stopped while the tool ran');
    return this.end(call, { ...unknown, ms: 0 }, scope);
  }

  private async runOne(placed: PlacedCall, scope: ToolScope, order: PQueue): Promise<CallResult> {
    await order.add(() => this.begin(placed, scope));
    return this.end(placed.call, await this.work(placed.call, scope), scope);
  }

  private work(call: ModelToolCall, scope: ToolScope): Promise<ToolOutcome> {
    const isTask = call.name === TASK_TOOL && scope.allowed.has(TASK_TOOL);
    return isTask ? this.execution.delegate(call, scope) : this.execution.execute(call, scope);
  }

  /** Even if the run was ended meanwhile: the call is then announced and ends as cancelled, like those that ran. */
  private async begin({ call, announced }: PlacedCall, { emitter }: ToolScope): Promise<void> {
    if (announced) return;
    const args_summary = summarizeArguments(call.arguments);
    const args = payloadField('args', call.arguments, this.settings.EVENT_PAYLOAD_MAX_BYTES);
    await emitter.emit({ type: 'tool_start', call_id: call.id, name: call.name, args_summary, ...args });
  }

  private async end(call: ModelToolCall, outcome: ToolOutcome, scope: ToolScope): Promise<CallResult> {
    // A worker whose run was ended may have lost it, too: then the log rejects its events, and the journal belongs to
    // another worker.
    if (scope.signal.aborted) {
      await this.announceEnd(call, outcome, scope);
      await this.record(call, outcome, scope);
      return told(outcome);
    }
    const recorded = await this.record(call, outcome, scope);
    await this.announceEnd(call, recorded, scope);
    return told(recorded);
  }

  /** @returns how the call ended, which another worker may have recorded first. */
  private async record(call: ModelToolCall, outcome: ToolOutcome, { run }: ToolScope): Promise<ToolOutcome> {
    const { status, text: result, ms, summary: result_summary, error_code, sources } = outcome;
    const ended_at = new Date(this.clock.now());
    const code = error_code === undefined ? {} : { error_code };
    const end = {
      call_id: call.id,
      status,
      result,
      result_summary,
      ms,
      ended_at,
      ...code,
      ...(sources && { sources }),
    };
    const recorded = await this.journal.finish(run, end);
    return recorded === end ? outcome : outcomeOf(recorded);
  }

  private async announceEnd(
    call: ModelToolCall,
    outcome: ToolOutcome,
    { emitter }: ToolScope,
  ): Promise<void> {
    await emitter.emit(toolEnd(call, outcome, this.settings.EVENT_PAYLOAD_MAX_BYTES));
  }
}

function newRecord({ call, step, position }: PlacedCall, started_at: Date, turn?: ProviderData): NewToolCall {
  const text = clipWithMark(call.arguments, ARGUMENTS_MAX_CHARS);
  const [provider, turn_provider] = [toStoredText(call.provider), toStoredText(turn)];
  return {
    call_id: call.id,
    step,
    position,
    name: call.name,
    arguments: text,
    started_at,
    ...(provider !== undefined && { provider }),
    ...(turn_provider !== undefined && { turn_provider }),
  };
}

/** The part of an outcome that the transcript keeps. */
function told({ text, error_code }: ToolOutcome): CallResult {
  return error_code === undefined ? { text } : { text, error_code };
}

function valueOf(settled: PromiseSettledResult<CallResult> | undefined): CallResult {
  if (settled?.status === 'fulfilled') return settled.value;
  throw settled?.reason;
}
