import { Injectable } from '@nestjs/common';
import { AppError, Clock } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { summarizeResult, ToolError, ToolRegistry, type ToolContext } from '../tools/index.js';
import { Log } from '../platform/logging/index.js';
import type { AgentRun } from './agent-run.js';
import type { ModelToolCall } from './chat-model.js';
import { ARGUMENTS_MAX_CHARS, clipWithMark, RESULT_MAX_CHARS, type ToolCallEnd } from './journal.js';
import type { RunEmitter } from './run-emitter.js';

/** For whom tools run. */
export interface ToolScope {
  run: AgentRun;
  /** Tools the agent may use; any other name is unknown to it. */
  allowed: ReadonlySet<string>;
  emitter: RunEmitter;
  /** Ends with the run: cancelled, out of time, or its log lost. */
  signal: AbortSignal;
}

/** How a tool call went. */
export interface ToolOutcome {
  status: 'ok' | 'error';
  /** What the model is told. */
  text: string;
  /** One line for the user. */
  summary: string;
  ms: number;
}

/** Runs one tool: bounded in time, told when the run ends, its progress shown. Never throws. */
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
      return { ...failed(this.explain(error, call)), ms: elapsed() };
    } finally {
      stopShowing();
    }
  }

  /** The tool's own promise may never settle: the signal decides. */
  private async bounded(call: ModelToolCall, scope: ToolScope) {
    const end = new AbortController();
    const cancel = (): void => {
      end.abort(new ToolError('cancelled'));
    };
    const timer = setTimeout(() => {
      end.abort(new ToolError(`timed out after ${this.settings.TOOL_TIMEOUT_MS} ms`));
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
        `There is no tool named "${call.name}". There are: ${[...scope.allowed].join(', ')}.`,
      );
    }
    if (call.arguments.length > ARGUMENTS_MAX_CHARS) throw new ToolError('The arguments are too long.');
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

  /** Only messages that were written for the model reach it: others may tell of hosts, paths or keys. */
  private explain(error: unknown, call: ModelToolCall): string {
    if (error instanceof ToolError) return error.message;
    if (error instanceof AppError) return error.message;
    this.logger.error('A tool failed unexpectedly', { err: error, tool: call.name, call_id: call.id });
    return 'The tool failed unexpectedly.';
  }
}

/** An error as model and user are told of it. */
export function failed(message: string): Omit<ToolOutcome, 'ms'> {
  return { status: 'error', text: `Error: ${message}`, summary: summarizeResult(message) };
}

/** How a call went, from what the journal keeps of it. */
export function outcomeOf({
  status,
  result,
  ms,
}: Pick<ToolCallEnd, 'status' | 'result' | 'ms'>): ToolOutcome {
  if (status === 'error') return { ...failed(result.replace(/^Error: /, '')), ms };
  return { status, text: result, summary: summarizeResult(result), ms };
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
    if (signal.aborted) return Promise.resolve(); // a tool that was given up may still run: its progress is not wanted
    const written = emitter.emit(body);
    written.catch(() => undefined); // tools need not wait for it
    return written;
  };
  return { tenant, chat_id, message_id, metadata, signal, emit };
}
