import { Injectable } from '@nestjs/common';
import { Settings } from '../platform/config/index.js';
import type { AgentOutcome, AgentRun } from './agent-run.js';
import { ModelTurns } from './model-turns.js';
import { rebuildTranscript } from './resume.js';
import { RunEmitter } from './run-emitter.js';
import { failureFields, RunFailure } from './run-failure.js';
import { RunPreparation } from './run-preparation.js';
import type { RunProgress } from './run-progress.js';
import { ToolRunner } from './tool-runner.js';

/** The agent: model and tools in turn, until the model has answered. Everything it does goes to the run's log. */
@Injectable()
export class Agent {
  constructor(
    private readonly preparation: RunPreparation,
    private readonly turns: ModelTurns,
    private readonly tools: ToolRunner,
    private readonly settings: Settings,
  ) {}

  /** Name of the model that answers. */
  get modelName(): string {
    return this.turns.modelName;
  }

  /**
   * Works on one run, or continues it where earlier attempts stopped. Everything it emitted is durable, or was
   * rejected, before this settles.
   * @throws the reason of `signal` or `handover` when aborted; the sink's error if the log was lost; database errors.
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

  private async attempt(run: AgentRun, emitter: RunEmitter): Promise<AgentOutcome> {
    let progress: RunProgress | undefined;
    try {
      progress = await this.preparation.prepare(run, emitter);
      await this.finishEarlier(progress);
      await this.converse(progress);
      return progress.outcome(this.turns.modelName);
    } catch (error) {
      emitter.lost.throwIfAborted();
      run.signal.throwIfAborted();
      const fields = failureFields(error);
      if (!fields) throw error;
      return progress?.outcome(this.turns.modelName, fields) ?? notBegun(run, this.turns.modelName, fields);
    }
  }

  /** Completes the tool calls of earlier attempts, and passes them to the model. */
  private async finishEarlier(progress: RunProgress): Promise<void> {
    for (const { text, calls, provider } of progress.earlier) {
      const results = await this.tools.resumeAll(calls, progress.scope);
      progress.addTurn(
        { text, calls: results, provider },
        calls.filter((call) => call.state === 'waiting').length,
      );
    }
  }

  private async converse(progress: RunProgress): Promise<void> {
    const { scope, tools } = progress;
    const { handover } = scope.run;
    const signal = handover ? AbortSignal.any([scope.signal, handover]) : scope.signal;
    for (;;) {
      if (progress.step >= this.settings.RUN_MAX_STEPS) throw stepLimit(progress.step);
      signal.throwIfAborted();
      const output = progress.beginTurn();
      const asked = await this.turns.take({ messages: progress.messages, tools, output, ...scope, signal });
      if (asked.calls.length === 0) return;
      const { provider } = asked;
      const calls = asked.calls.map((call) => progress.ids.claim(call));
      await scope.run.opened;
      const results = await this.tools.runAll({ calls, provider }, progress.step, scope);
      progress.addTurn({ text: output.text.text, calls: results, provider }, calls.length);
    }
  }
}

function stepLimit(steps: number): RunFailure {
  const error = `The agent stopped after ${steps} model turns without reaching an answer.`;
  return new RunFailure({ error, code: 'step_limit', retryable: false });
}

function notBegun(run: AgentRun, model: string, error: NonNullable<AgentOutcome['error']>): AgentOutcome {
  const { text, toolCalls: tool_calls } = rebuildTranscript(run.prior, []);
  return { status: 'error', text, tool_calls, model, error };
}
