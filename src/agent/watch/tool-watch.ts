import { Injectable } from '@nestjs/common';
import { describeSignal } from '../../platform/logging/index.js';
import { GEN_AI, Metrics, placeSignal, Tracing, type Span } from '../../platform/telemetry/index.js';
import type { ModelToolCall } from '../../models/index.js';
import type { AgentRun } from '../loop/agent-run.js';
import { aboutRun } from './run-about.js';

/** How a call ended, as far as operators are concerned. */
export interface WatchedOutcome {
  ms: number;
  /** For the model. */
  text: string;
  error_code?: string;
}

/** One tool call that operators see. */
export interface WatchedCall {
  readonly span: Span;
  /**
   * Says to what the work on the call belongs: its lines, and its requests to other services.
   * @param signal ends the call, and is handed to whatever works for it.
   */
  describe(signal: AbortSignal): void;
  /** Call it once. @param outcome missing: the call was abandoned, and goes on in another attempt. */
  end(outcome?: WatchedOutcome): void;
}

/** What operators learn about tool calls. */
@Injectable()
export class ToolWatch {
  constructor(
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {}

  /** @param isKnown false: the model made the name up. */
  begin(call: ModelToolCall, run: AgentRun, isKnown: boolean): WatchedCall {
    const name = isKnown ? call.name : 'unknown';
    const span = this.begun(call, run, name);
    return {
      span,
      describe: (signal) => {
        describeSignal(signal, { ...aboutRun(run), call_id: call.id, tool: name });
        placeSignal(signal, span.context);
      },
      end: (outcome) => {
        if (outcome) {
          this.metrics.tools.called(
            isKnown ? name : undefined,
            outcome.error_code ?? 'ok',
            outcome.ms / 1000,
          );
          this.note(span, outcome);
        }
        span.end();
      },
    };
  }

  private begun(call: ModelToolCall, run: AgentRun, name: string): Span {
    const attributes = {
      [GEN_AI.operation]: 'execute_tool',
      [GEN_AI.tool]: name,
      [GEN_AI.toolType]: 'function',
      [GEN_AI.toolCall]: call.id,
      [GEN_AI.conversation]: run.chat_id,
      ...(this.tracing.withContent && { [GEN_AI.toolArguments]: call.arguments }),
    };
    return this.tracing.start({ name: `execute_tool ${name}`, parent: run.span?.context, attributes });
  }

  private note(span: Span, { error_code, text }: WatchedOutcome): void {
    if (!span.isRecording) return;
    if (error_code !== undefined) span.fail(error_code);
    if (this.tracing.withContent) span.set({ [GEN_AI.toolResult]: text });
  }
}
