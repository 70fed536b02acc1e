import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { readArguments, ToolError, type ToolResult } from '../../tools/index.js';
import type { Cost } from '../../models/index.js';
import type { UsageSum } from '../usage-sum.js';
import type { AgentOutcome, AgentRun } from './agent-run.js';
import type { ModelToolCall } from '../../models/index.js';
import { ModelTurns } from '../asking/model-turns.js';
import { rebuildTranscript } from './resume.js';
import { hasDocuments } from '../attachments/question-files.js';
import { RunEmitter } from '../run-emitter.js';
import { failureFields, RunFailure } from './run-failure.js';
import { RunPreparation } from './run-preparation.js';
import type { RunProgress } from './run-progress.js';
import { callsOf, eventsOf } from './child-log.js';
import { taskParameters } from './task-tool.js';
import { ToolRunner, type RanCall } from '../calls/tool-runner.js';
import { AgentWatch } from '../watch/agent-watch.js';
import { NO_SPAN, type Span } from '../../platform/telemetry/index.js';

/**
 * The agents: model and tools in turn, until the model has answered. Everything they do goes to the run's log. An agent
 * that another one starts is the same loop over its own part of the log.
 */
@Injectable()
export class Agent {
  constructor(
    private readonly preparation: RunPreparation,
    private readonly turns: ModelTurns,
    private readonly tools: ToolRunner,
    private readonly settings: Settings,
    private readonly watch: AgentWatch,
  ) {}

  /** Name of the model that answers unless something else is said. */
  get modelName(): string {
    return this.turns.modelName;
  }

  /** What a run has cost so far; `undefined` unless every model it asked has a price. */
  costOf(usage: UsageSum): Cost | undefined {
    return this.turns.costOf(usage);
  }

  /**
   * Works on one run, or continues it where earlier attempts stopped. Everything it emitted is durable, or was
   * rejected, before this settles.
   * @throws the reason of `signal` or `handover` when aborted; RunParked if the run waits for a decision; the sink's
   * error if the log was lost; database errors.
   */
  async run(run: AgentRun): Promise<AgentOutcome> {
    const emitter = new RunEmitter(run.sink);
    try {
      const outcome = await this.attempt(run, emitter);
      await emitter.drain();
      return outcome;
    } catch (error) {
      await emitter.settle();
      emitter.lost.throwIfAborted();
      run.signal.throwIfAborted();
      throw error;
    }
  }

  private async attempt(
    run: AgentRun,
    emitter: RunEmitter,
    parents: readonly RunProgress[] = [],
  ): Promise<AgentOutcome> {
    let progress: RunProgress | undefined;
    let ended: ReturnType<AgentWatch['work']> | undefined;
    const end = (outcome: AgentOutcome): AgentOutcome => {
      ended?.(outcome);
      return outcome;
    };
    try {
      const started = await this.preparation.prepare(run, {
        emitter,
        depth: parents.length,
        shared: parents[0]?.shared,
        delegate: (call, span) => this.delegate({ call, span }, [...parents, started]),
      });
      progress = started;
      ended = this.watch.work(started);
      await this.finishEarlier(progress);
      await this.converse(progress);
      return end(progress.outcome(run.usage.model ?? this.modelName));
    } catch (error) {
      if (run.signal.aborted) ended?.();
      emitter.lost.throwIfAborted();
      run.signal.throwIfAborted();
      const fields = failureFields(error);
      if (!fields) throw error;
      const model = run.usage.model ?? this.modelName;
      return end(progress?.outcome(model, fields) ?? notBegun(run, model, fields));
    }
  }

  /**
   * Runs another agent for a call. Its events and calls are found by the call's id, so that it continues where an
   * earlier attempt stopped.
   * @param parents the agents at work, the run's own first, the caller last.
   */
  private async delegate(
    { call, span: parent = NO_SPAN }: { call: ModelToolCall; span: Span | undefined },
    parents: readonly RunProgress[],
  ): Promise<ToolResult> {
    const [root, caller] = [parents[0], parents.at(-1)];
    if (!root || !caller) throw new Error('Only an agent at work can start another one.');
    const { agent, task } = readArguments(taskParameters(), call.arguments);
    const { names } = caller.delegates;
    if (!names.includes(agent))
      throw new ToolError(
        `There is no agent named "${agent}". Available: ${names.join(', ')}.`,
        'unknown_agent',
      );
    const { run } = caller.scope;
    this.count(call, caller, root);
    // A step of a workflow stands for the whole: it sees what was asked. Others see their task alone.
    const given = caller.isWorkflow ? run : { history: [], summary: undefined, attachments: undefined };
    const span = this.watch.delegate(agent, run, parent);
    const child = {
      ...run,
      span,
      agent,
      agent_version: undefined,
      chosen: undefined,
      parent_call_id: call.id,
      content: task,
      history: given.history,
      summary: given.summary,
      attachments: given.attachments,
      documents: hasDocuments(run),
    };
    const emitter = caller.scope.emitter.forCall(call.id);
    try {
      const { text, error } = await this.attempt(child, emitter, parents);
      // The journal must not know of an answer whose text the log may still lose.
      await emitter.written();
      if (!error) return { text };
      span.fail(error.code);
      throw new ToolError(`The agent "${agent}" failed. ${error.error}`, 'delegate_failed');
    } finally {
      span.end();
    }
  }

  /** @throws ToolError if the caller, or its run, has started as many agents as it may. */
  private count({ id }: ModelToolCall, caller: RunProgress, root: RunProgress): void {
    const isNew = !caller.scope.run.recorded.some(({ call_id }) => call_id === id);
    if (isNew) {
      caller.delegated++;
      root.shared.delegates++;
    }
    // The plan of a workflow says how many it starts.
    if (caller.isWorkflow) return;
    const [own, all] = [caller.delegates.max, this.settings.AGENT_MAX_DELEGATES];
    const limit = caller.delegated > own ? own : all;
    if (caller.delegated > own || root.shared.delegates > all)
      throw new ToolError(`No more than ${limit} agents may be started here.`, 'too_many_delegates');
  }

  /** Completes the tool calls of earlier attempts, and passes them to the model. */
  private async finishEarlier(progress: RunProgress): Promise<void> {
    for (const { text, calls, provider } of progress.earlier) {
      const results = await this.tools.resumeAll(calls, progress.scope);
      progress.addTurn({ text, calls: results, provider }, startedOf(results));
    }
  }

  private async converse(progress: RunProgress): Promise<void> {
    const { scope, tools } = progress;
    const { handover } = scope.run;
    const signal = handover ? AbortSignal.any([scope.signal, handover]) : scope.signal;
    for (;;) {
      if (progress.step >= progress.stepLimit) throw stepLimit(progress.step);
      signal.throwIfAborted();
      const output = progress.beginTurn();
      const { messages, request } = progress;
      const asked = await this.turns.take({ messages, tools, ...request, output, ...scope, signal });
      if (asked.calls.length === 0) return;
      const { provider } = asked;
      const calls = asked.calls.map((call) => progress.shared.ids.claim(call));
      await scope.run.opened;
      const results = await this.tools.runAll({ calls, provider }, progress.step, scope);
      progress.addTurn({ text: output.text.text, calls: results, provider }, startedOf(results));
    }
  }
}

function startedOf(calls: readonly RanCall[]): number {
  return calls.filter(({ started }) => started).length;
}

function stepLimit(steps: number): RunFailure {
  const error = `The agent stopped after ${steps} model turns without reaching an answer.`;
  return new RunFailure({ error, code: 'step_limit', retryable: false });
}

function notBegun(run: AgentRun, model: string, error: NonNullable<AgentOutcome['error']>): AgentOutcome {
  const { parent_call_id: parent } = run;
  const work = rebuildTranscript(eventsOf(run.prior, parent), callsOf(run.recorded, parent));
  return { status: 'error', text: work.text, tool_calls: work.toolCalls, model, error };
}
