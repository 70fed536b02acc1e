import { Injectable } from '@nestjs/common';
import type { EventBody } from '@reprise/protocol';
import { AppError, clipWithMark, Clock } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { summarizeResult, TOOL_FAILED, ToolError, ToolRegistry, type ToolContext } from '../tools/index.js';
import { Log } from '../platform/logging/index.js';
import type { AgentRun } from './agent-run.js';
import { ARGUMENTS_MAX_CHARS, type CallResult, type ModelToolCall } from '../models/index.js';
import { RESULT_MAX_CHARS } from './tool-journal.js';
import type { RunEmitter } from './run-emitter.js';
import { resultOf, type KeptResult } from './transcript.js';

/** The context in which tools run. */
export interface ToolScope {
  run: AgentRun;
  /** Tools that the agent may use; any other name is unknown to it. */
  allowed: ReadonlySet<string>;
  emitter: RunEmitter;
  /** Ends with the run: cancelled, out of time, or its log lost. */
  signal: AbortSignal;
}

/** How a tool call went. */
export interface ToolOutcome extends CallResult {
  status: 'ok' | 'error';
  /** One line for the user. */
  summary: string;
  ms: number;
}

/** Runs one tool: with a time limit, told when the run ends, its progress shown. Never throws. */
@Injectable()
export class ToolExecution {
  private readonly logger = new Log(ToolExecution.name);

  constructor(
    private readonly registry: ToolRegistry,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  async execute(call: ModelToolCall, scope: ToolScope): Promise<ToolOutcome> {
    const startedAt = this.clock.now();
    const elapsed = (): number => Math.max(0, this.clock.now() - startedAt);
    const stopShowing = this.showProgress(call, scope, elapsed);
    try {
      const result = await this.bounded(call, scope);
      const text = clipWithMark(result.text, RESULT_MAX_CHARS);
      return { status: 'ok', text, summary: summarizeResult(result.summary ?? result.text), ms: elapsed() };
    } catch (error) {
      return { ...this.explain(error, call), ms: elapsed() };
    } finally {
      stopShowing();
    }
  }

  /** The tool's own promise may never settle: the signal decides. */
  private async bounded(call: ModelToolCall, scope: ToolScope) {
    const end = new AbortController();
    const cancel = (): void => {
      end.abort(new ToolError('cancelled', 'cancelled'));
    };
    const timer = setTimeout(() => {
      end.abort(new ToolError(`timed out after ${this.settings.TOOL_TIMEOUT_MS} ms`, 'timed_out'));
    }, this.settings.TOOL_TIMEOUT_MS);
    scope.signal.addEventListener('abort', cancel, { once: true });
    if (scope.signal.aborted) cancel();
    try {
      return await Promise.race([rejectOnAbort(end.signal), this.call(call, scope, end.signal)]);
    } finally {
      clearTimeout(timer);
      scope.signal.removeEventListener('abort', cancel);
      end.abort(new ToolError('the tool has ended'));
    }
  }

  private async call(call: ModelToolCall, scope: ToolScope, signal: AbortSignal) {
    signal.throwIfAborted();
    if (!scope.allowed.has(call.name)) {
      throw new ToolError(
        `There is no tool named "${call.name}". Available tools: ${[...scope.allowed].join(', ')}.`,
        'unknown_tool',
      );
    }
    if (call.arguments.length > ARGUMENTS_MAX_CHARS)
      throw new ToolError('The arguments are too long.', 'invalid_arguments');
    return this.registry.call(call.name, call.arguments, toolContext(scope, signal));
  }

  private showProgress(call: ModelToolCall, scope: ToolScope, elapsed: () => number): () => void {
    const ticker = setInterval(() => {
      const text = `${call.name} is still running (${Math.round(elapsed() / 1000)}s elapsed)`;
      scope.emitter.push({ type: 'status', text }).catch(() => undefined); // the loss is noticed through `lost`
    }, this.settings.TOOL_STATUS_MS);
    return () => {
      clearInterval(ticker);
    };
  }

  /** Only messages written for the model reach it: others may reveal hosts, paths or keys. */
  private explain(error: unknown, call: ModelToolCall): Failed {
    if (error instanceof ToolError || error instanceof AppError)
      return failed(error.code as string, error.message);
    this.logger.error('A tool failed unexpectedly', { err: error, tool: call.name, call_id: call.id });
    return failed(TOOL_FAILED, 'The tool failed unexpectedly.');
  }
}

type Failed = Omit<ToolOutcome, 'ms' | 'error_code'> & { error_code: string };

/** An error as reported to programs, model and user. */
export function failed(error_code: string, message: string): Failed {
  return { status: 'error', error_code, text: `Error: ${message}`, summary: summarizeResult(message) };
}

/** How a call went, from what the journal has stored. */
export function outcomeOf(kept: KeptResult & { result_summary?: string; ms: number | null }): ToolOutcome {
  const result = resultOf(kept);
  const { result_summary: summary = summarizeResult(result.text), ms } = kept;
  return { status: kept.status === 'ok' ? 'ok' : 'error', ...result, summary, ms: ms ?? 0 };
}

/** The event that reports how a call went. */
export function toolEnd(call: { id: string; name: string }, outcome: ToolOutcome): EventBody<'tool_end'> {
  const { status, ms, summary: result_summary, error_code } = outcome;
  const { id: call_id, name } = call;
  const end = { type: 'tool_end' as const, call_id, name, status, ms, result_summary };
  return error_code === undefined ? end : { ...end, error_code };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function toolContext({ run, emitter }: ToolScope, signal: AbortSignal): ToolContext {
  const { tenant, chat_id, message_id, metadata } = run;
  const emit: ToolContext['emit'] = (body) => {
    if (signal.aborted) return Promise.resolve(); // an abandoned tool may still run: its progress is not wanted
    const written = emitter.emit(body);
    written.catch(() => undefined); // tools need not wait for it
    return written;
  };
  return { tenant, chat_id, message_id, metadata, signal, emit };
}
