import { Injectable } from '@nestjs/common';
import type { EventBody } from '@reprise/protocol';
import { AppError, clipWithMark, Clock } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import {
  cleanSources,
  summarizeResult,
  TOOL_FAILED,
  ToolError,
  ToolRegistry,
  WorkspaceFiles,
  type ToolContext,
  type ToolFile,
  type ToolResult,
  type ToolSource,
} from '../../tools/index.js';
import { Log } from '../../platform/logging/index.js';
import { traceparentOf, type Span } from '../../platform/telemetry/index.js';
import type { AgentRun } from '../loop/agent-run.js';
import { ARGUMENTS_MAX_CHARS, type CallResult, type ModelToolCall } from '../../models/index.js';
import { payloadField } from './call-payload.js';
import { RESULT_MAX_CHARS } from './tool-journal.js';
import type { RunEmitter } from '../run-emitter.js';
import { RunParked } from '../loop/run-parked.js';
import { resultOf, type KeptResult } from '../loop/transcript.js';
import { aboutRun } from '../watch/run-about.js';
import { ToolWatch, type WatchedCall } from '../watch/tool-watch.js';

/** The context in which tools run. */
export interface ToolScope {
  run: AgentRun;
  /** Tools that the agent may use; any other name is unknown to it. */
  allowed: ReadonlySet<string>;
  /** Of these, a person must approve each call, whatever the tool itself says. */
  approvals: ReadonlySet<string>;
  /** False: one call at a time. */
  parallel: boolean;
  /**
   * Starts another agent, for the tool `task`.
   * @param span of the call.
   * @throws ToolError if it may not, or fails.
   */
  delegate(call: ModelToolCall, span?: Span): Promise<ToolResult>;
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
  sources?: readonly ToolSource[] | undefined;
}

const SOURCES_MAX = 50;
const PROGRESS_EVERY_MS = 1000;

/** Runs one tool: with a time limit, told when the run ends, its progress shown. Throws nothing but {@link RunParked}. */
@Injectable()
export class ToolExecution {
  private readonly logger = new Log(ToolExecution.name);

  constructor(
    private readonly registry: ToolRegistry,
    private readonly files: WorkspaceFiles,
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly watch: ToolWatch,
  ) {}

  execute(call: ModelToolCall, scope: ToolScope): Promise<ToolOutcome> {
    const isKnown = scope.allowed.has(call.name);
    return this.watched({ call, scope, isKnown }, (watched) => this.run(call, scope, watched));
  }

  private async run(call: ModelToolCall, scope: ToolScope, watched: WatchedCall): Promise<ToolOutcome> {
    const startedAt = this.clock.now();
    const elapsed = (): number => Math.max(0, this.clock.now() - startedAt);
    const stopShowing = this.showProgress(call, scope, elapsed);
    try {
      const result = await this.bounded(call, scope, watched);
      const whole = textOf(result) + (await this.store(result.files, scope));
      const text = clipWithMark(whole, RESULT_MAX_CHARS);
      const summary = summarizeResult(result.summary ?? whole);
      const sources = cleanSources(result.sources ?? [], SOURCES_MAX);
      return { status: 'ok', text, summary, ms: elapsed(), ...(sources.length > 0 && { sources }) };
    } catch (error) {
      if (error instanceof RunParked) throw error; // an agent that the tool has started waits
      return { ...this.explain(error, call, scope), ms: elapsed() };
    } finally {
      stopShowing();
    }
  }

  /**
   * Runs another agent as a tool. It has its own limits, writes its own events and ends with the run; how the run is
   * stopped is for the run to handle.
   * @throws the reason for which the run stops, unless it was cancelled.
   */
  delegate(call: ModelToolCall, scope: ToolScope): Promise<ToolOutcome> {
    return this.watched({ call, scope, isKnown: true }, ({ span }) => this.runAgent(call, scope, span));
  }

  private async runAgent(call: ModelToolCall, scope: ToolScope, span: Span): Promise<ToolOutcome> {
    const startedAt = this.clock.now();
    const elapsed = (): number => Math.max(0, this.clock.now() - startedAt);
    try {
      const { text = '', sources } = await scope.delegate(call, span);
      const clipped = clipWithMark(text, RESULT_MAX_CHARS);
      return { status: 'ok', text: clipped, summary: summarizeResult(text), ms: elapsed(), sources };
    } catch (error) {
      scope.emitter.lost.throwIfAborted();
      if (scope.signal.aborted) return { ...failed('cancelled', 'cancelled'), ms: elapsed() };
      if (error instanceof ToolError) return { ...this.explain(error, call, scope), ms: elapsed() };
      throw error;
    }
  }

  /** Whatever comes of a call, those who watch are told. */
  private async watched(
    { call, scope, isKnown }: { call: ModelToolCall; scope: ToolScope; isKnown: boolean },
    work: (watched: WatchedCall) => Promise<ToolOutcome>,
  ): Promise<ToolOutcome> {
    const watched = this.watch.begin(call, scope.run, isKnown);
    let outcome: ToolOutcome | undefined;
    try {
      outcome = await work(watched);
      return outcome;
    } finally {
      watched.end(outcome);
    }
  }

  /** The tool's own promise may never settle: the signal decides. */
  private async bounded(call: ModelToolCall, scope: ToolScope, watched: WatchedCall) {
    const end = new AbortController();
    watched.describe(end.signal);
    const cancel = (): void => {
      end.abort(new ToolError('cancelled', 'cancelled'));
    };
    const limit = this.registry.find(call.name)?.timeout_ms ?? this.settings.TOOL_TIMEOUT_MS;
    const timer = setTimeout(() => {
      end.abort(new ToolError(`timed out after ${limit} ms`, 'timed_out'));
    }, limit);
    scope.signal.addEventListener('abort', cancel, { once: true });
    if (scope.signal.aborted) cancel();
    try {
      return await Promise.race([
        rejectOnAbort(end.signal),
        this.call(call, scope, { signal: end.signal, span: watched.span }),
      ]);
    } finally {
      clearTimeout(timer);
      scope.signal.removeEventListener('abort', cancel);
      end.abort(new ToolError('the tool has ended'));
    }
  }

  private async call(call: ModelToolCall, scope: ToolScope, about: { signal: AbortSignal; span: Span }) {
    about.signal.throwIfAborted();
    if (!scope.allowed.has(call.name)) {
      throw new ToolError(
        `There is no tool named "${call.name}". Available tools: ${[...scope.allowed].join(', ')}.`,
        'unknown_tool',
      );
    }
    if (call.arguments.length > ARGUMENTS_MAX_CHARS)
      throw new ToolError('The arguments are too long.', 'invalid_arguments');
    const { substitutes, parent_call_id } = scope.run;
    if (substitutes) return substitutes.answer(call, parent_call_id);
    return this.registry.call(call.name, call.arguments, this.context(call, scope, about));
  }

  /** @returns what the model is told about the files. */
  private async store(files: readonly ToolFile[] | undefined, { run }: ToolScope): Promise<string> {
    if (!files || files.length === 0) return '';
    const workspace = { tenant: run.tenant, chat_id: run.chat_id };
    const stored: string[] = [];
    for (const { path, content } of files)
      stored.push((await this.files.write(workspace, path, content)).path);
    return `\n\nFiles in the workspace: ${stored.join(', ')}`;
  }

  private context(
    call: ModelToolCall,
    { run, emitter }: ToolScope,
    { signal, span }: { signal: AbortSignal; span: Span },
  ): ToolContext {
    const traceparent = traceparentOf(span.context);
    const { tenant, user, chat_id, message_id, metadata } = run;
    const emit: ToolContext['emit'] = (body) => {
      if (signal.aborted) return Promise.resolve(); // an abandoned tool may still run: its progress is not wanted
      const written = emitter.emit(body);
      written.catch(() => undefined); // tools need not wait for it
      return written;
    };
    let shownAt = -Infinity;
    const progress = (text: string): void => {
      const now = this.clock.now();
      if (Math.abs(now - shownAt) < PROGRESS_EVERY_MS) return;
      shownAt = now;
      void emit({ type: 'status', text: summarizeResult(text) }).catch(() => undefined);
    };
    const about = { tenant, user, chat_id, message_id, call_id: call.id, metadata };
    return { ...about, signal, emit, progress, ...(traceparent !== undefined && { traceparent }) };
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
  private explain(error: unknown, call: ModelToolCall, { run }: ToolScope): Failed {
    if (error instanceof ToolError || error instanceof AppError)
      return failed(error.code as string, error.message);
    const about = { ...aboutRun(run), tool: call.name, call_id: call.id };
    this.logger.error('A tool failed unexpectedly', { err: error, ...about });
    return failed(TOOL_FAILED, 'The tool failed unexpectedly.');
  }
}

type Failed = Omit<ToolOutcome, 'ms' | 'error_code' | 'sources'> & { error_code: string };

/** An error as reported to programs, model and user. */
export function failed(error_code: string, message: string): Failed {
  return { status: 'error', error_code, text: `Error: ${message}`, summary: summarizeResult(message) };
}

/** How a call went, from what the journal has stored. */
export function outcomeOf(
  kept: KeptResult & { result_summary?: string; ms: number | null; sources?: readonly ToolSource[] },
): ToolOutcome {
  const result = resultOf(kept);
  const { result_summary: summary = summarizeResult(result.text), ms, sources } = kept;
  return { status: kept.status === 'ok' ? 'ok' : 'error', ...result, summary, ms: ms ?? 0, sources };
}

/** A result as the model reads it. */
function textOf({ text, json }: ToolResult): string {
  return text ?? (json === undefined ? '' : JSON.stringify(json));
}

/**
 * The event that reports how a call went.
 * @param payloadMax bytes up to which it carries the result of a call that succeeded.
 */
export function toolEnd(
  call: { id: string; name: string },
  outcome: ToolOutcome,
  payloadMax = 0,
): EventBody<'tool_end'> {
  const { status, ms, summary: result_summary, error_code, text } = outcome;
  const { id: call_id, name } = call;
  const end = { type: 'tool_end' as const, call_id, name, status, ms, result_summary };
  if (error_code !== undefined) return { ...end, error_code };
  return { ...end, ...payloadField('result', text, payloadMax) };
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
