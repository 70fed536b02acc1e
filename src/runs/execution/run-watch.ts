import { Injectable } from '@nestjs/common';
import type { StreamEvent } from '@reprise/protocol';
import { createHash } from 'node:crypto';
import { Log, type LogFields } from '../../platform/logging/index.js';
import {
  GEN_AI,
  Metrics,
  readTraceparent,
  REPRISE,
  Tracing,
  type Span,
  type TraceContext,
} from '../../platform/telemetry/index.js';
import type { HeldRun } from '../../run-record/index.js';
import type { Ending } from '../record/ending.js';

/** How a worker let go of a run that has not ended. */
export type Departure =
  /** The process shuts down. */
  | 'handed_over'
  /** It waits for a decision. */
  | 'parked'
  /** Another worker has it. */
  | 'lost'
  /** It could not be closed. */
  | 'failed';

interface Means {
  metrics: Metrics;
  tracing: Tracing;
  log: Log;
}

/** What operators learn about the runs of this process: one line, some metrics and a span for each. */
@Injectable()
export class RunWatches {
  // The context that operators know from lines about runs.
  private readonly log = new Log('RunExecutor');

  constructor(
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {}

  /** A worker of this process has got a run. */
  begin(run: HeldRun): RunWatch {
    const { metrics, tracing, log } = this;
    return new RunWatch(run, { metrics, tracing, log });
  }
}

/** One attempt of one run. */
export class RunWatch {
  /** The attempt, as a part of the trace that the question began. */
  readonly span: Span;
  private departure: Departure | undefined;
  private isOver = false;

  constructor(
    private readonly run: HeldRun,
    private readonly means: Means,
  ) {
    this.span = this.begin();
  }

  /** What every line about the run names. */
  get about(): LogFields {
    const { run, chat_id } = this.run;
    return {
      message_id: this.messageId,
      chat_id,
      attempt: run.attempt,
      ...(run.origin && { request_id: run.origin.request_id }),
      ...(this.span.context && { trace_id: this.span.context.trace_id }),
    };
  }

  /** Its log has been read. @param prior what earlier attempts have written. */
  opened(prior: readonly StreamEvent[]): void {
    const { attempt, left_attempt } = this.run.run;
    if (attempt === 1 || left_attempt === attempt - 1) return;
    this.means.metrics.runs.takenOver();
    this.reportLost(attempt - 1, prior);
  }

  /** The first text of the answer is durable. */
  answered(): void {
    const { attempt, queued_at } = this.run.run;
    if (attempt === 1) this.means.metrics.runs.answered((Date.now() - queued_at.getTime()) / 1000);
  }

  /** Its ending is stored, and in its log. */
  ended(ending: Ending): void {
    const { status, cost, failure } = ending;
    const ms = this.elapsedMs();
    const agent = this.run.agent ?? '';
    this.means.metrics.runs.ended({ agent, status, seconds: ms / 1000, cost, code: failure?.code });
    this.describe(ending);
    this.report(ending, ms);
    this.finish();
  }

  /** Its worker lets go of it. */
  left(departure: Departure): void {
    this.departure = departure;
    if (departure === 'handed_over') {
      this.means.metrics.runs.handedOver();
      this.means.log.info('a run was handed over', this.about);
    } else if (departure === 'parked') this.means.log.info('a run waits for a decision', this.about);
  }

  /** The last thing that happens to it here, however it went. */
  close(): void {
    if (this.isOver) return;
    const { departure = 'failed' } = this;
    this.span.set({ [REPRISE.status]: departure });
    if (departure === 'lost' || departure === 'failed') this.span.fail(departure);
    this.finish();
  }

  private get messageId(): string {
    return this.run._id.toHexString();
  }

  private begin(): Span {
    const { attempt, origin, queued_at } = this.run.run;
    const parent = readTraceparent(origin?.traceparent);
    if (!this.means.tracing.isOn) return this.means.tracing.start({ name: '', parent });
    const earlier = this.previous(parent);
    return this.means.tracing.start({
      ...this.place(parent, attempt),
      attributes: {
        ...this.attributes(attempt),
        [REPRISE.queued]: Math.max(0, Date.now() - queued_at.getTime()),
      },
      ...(earlier && { links: [{ context: earlier, attributes: { [REPRISE.link]: 'previous_attempt' } }] }),
    });
  }

  /**
   * Ids follow from message and attempt, so that the next worker knows them without having to be told: attempts of a run
   * that no request has traced share a trace, and each can name the one before it.
   */
  private place(parent: TraceContext | undefined, attempt: number) {
    const name = `invoke_agent ${this.run.agent ?? ''}`.trim();
    return { name, parent, traceId: idOf(this.messageId, 32), id: idOf(`${this.messageId}/${attempt}`, 16) };
  }

  private previous(parent: TraceContext | undefined): TraceContext | undefined {
    const { attempt } = this.run.run;
    if (attempt === 1) return undefined;
    const { traceId, id } = this.place(parent, attempt - 1);
    return {
      trace_id: parent?.trace_id ?? traceId,
      span_id: id,
      sampled: parent?.sampled ?? true,
      remote: true,
    };
  }

  /** A worker that was killed has not sent its span. Its start and end are in the log. */
  private reportLost(attempt: number, prior: readonly StreamEvent[]): void {
    if (!this.span.isRecording) return;
    const first = prior.find((event) => 'attempt' in event && event.attempt === attempt);
    const last = prior.at(-1);
    if (!first || !last) return;
    const parent = readTraceparent(this.run.run.origin?.traceparent);
    const span = this.means.tracing.start({
      ...this.place(parent, attempt),
      at: Date.parse(first.ts),
      attributes: this.attributes(attempt),
    });
    span.set({ [REPRISE.status]: 'lost' });
    span.fail('worker_lost', 'The worker of this attempt was lost.');
    span.end(Date.parse(last.ts));
  }

  private attributes(attempt: number) {
    const { agent, chat_id, run } = this.run;
    return {
      [GEN_AI.operation]: 'invoke_agent',
      [GEN_AI.agent]: agent,
      [GEN_AI.agentVersion]: run.agent_version,
      [GEN_AI.conversation]: chat_id,
      [REPRISE.message]: this.messageId,
      [REPRISE.attempt]: attempt,
    };
  }

  private describe({ status, usage, cost, tool_calls, model, failure }: Ending): void {
    if (!this.span.isRecording) return;
    this.span.set({
      [REPRISE.status]: status,
      [REPRISE.toolCalls]: tool_calls,
      [GEN_AI.model]: model === '' ? undefined : model,
      [GEN_AI.inputTokens]: usage.prompt_tokens,
      [GEN_AI.outputTokens]: usage.completion_tokens,
      [REPRISE.cost]: cost?.amount,
      [REPRISE.currency]: cost?.currency,
    });
    if (failure) this.span.fail(failure.code);
  }

  private report({ status, usage, cost, tool_calls, model, failure }: Ending, ms: number): void {
    const fields = {
      ...this.about,
      agent: this.run.agent,
      status,
      ms,
      model,
      tool_calls,
      tokens: { prompt: usage.prompt_tokens, completion: usage.completion_tokens },
      ...(cost && { cost }),
      ...(failure && { code: failure.code, error: failure.error }),
    };
    const { log } = this.means;
    if (status === 'error') log.warn('a run failed', fields);
    else log.info(status === 'completed' ? 'a run completed' : 'a run was cancelled', fields);
  }

  private elapsedMs(): number {
    const { started_at, queued_at, waited_ms = 0 } = this.run.run;
    return Math.max(0, Date.now() - (started_at ?? queued_at).getTime() - waited_ms);
  }

  private finish(): void {
    this.isOver = true;
    this.span.end();
  }
}

function idOf(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
