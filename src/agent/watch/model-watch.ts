import { Injectable } from '@nestjs/common';
import { ModelError, type ChatModel, type ModelDelta, type ModelMessage } from '../../models/index.js';
import { GEN_AI, Metrics, Tracing, type Span } from '../../platform/telemetry/index.js';
import type { TurnInput } from '../asking/turn-input.js';
import { toInputMessages, toOutputMessages } from './trace-content.js';

/** One request to a model that operators see. */
export class WatchedRequest {
  private readonly begun = performance.now();
  private firstSeconds: number | undefined;
  private finish: string | undefined;
  private tokens = { prompt: 0, completion: 0, cached: 0, written: 0 };
  private heard: ModelDelta[] | undefined;

  constructor(
    readonly span: Span,
    private readonly report: (request: WatchedRequest, error: unknown) => void,
    withContent: boolean,
  ) {
    if (withContent && span.isRecording) this.heard = [];
  }

  /** A piece of the answer has come. */
  hear(delta: ModelDelta): void {
    if (delta.type === 'status') return;
    this.firstSeconds ??= this.seconds;
    if (delta.type === 'finish') this.finish = delta.reason;
    if (delta.type === 'usage') this.add(delta);
    this.heard?.push(delta);
  }

  /** Call it once. @param error why there is no answer; nothing: there is one. */
  end(error?: unknown): void {
    this.report(this, error);
    this.span.end();
  }

  /** Since the request began. */
  get seconds(): number {
    return (performance.now() - this.begun) / 1000;
  }

  /** What is reported. */
  get figures() {
    const { firstSeconds, finish, tokens } = this;
    return { firstSeconds, finish, tokens, seconds: this.seconds };
  }

  /** The answer, if content is traced. */
  get answer(): readonly ModelDelta[] | undefined {
    return this.heard;
  }

  private add({ usage }: ModelDelta & { type: 'usage' }): void {
    const count = (value: unknown): number =>
      typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value) : 0;
    const { prompt, completion, cached, written } = this.tokens;
    this.tokens = {
      prompt: prompt + count(usage.prompt_tokens),
      completion: completion + count(usage.completion_tokens),
      cached: cached + count(usage.cached_tokens),
      written: written + count(usage.cache_write_tokens),
    };
  }
}

/** What operators learn about requests to models. */
@Injectable()
export class ModelWatch {
  constructor(
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {}

  /**
   * A request begins.
   * @returns nothing for a workflow, which asks nobody.
   */
  begin(model: ChatModel, input: TurnInput, messages: readonly ModelMessage[]): WatchedRequest | undefined {
    const { provider } = model;
    if (provider === 'workflow') return undefined;
    const span = this.begun(model, input, messages);
    const report = (request: WatchedRequest, error: unknown): void => {
      this.report(request, { error, model, agent: input.run.agent ?? '' });
      this.describe(request, error);
    };
    return new WatchedRequest(span, report, this.tracing.withContent);
  }

  private begun(model: ChatModel, input: TurnInput, messages: readonly ModelMessage[]): Span {
    const { tracing } = this;
    const parent = input.run.span?.context;
    if (!tracing.isOn) return tracing.start({ name: '', parent });
    const isAgent = model.provider === 'remote';
    const operation = isAgent ? 'invoke_agent' : 'chat';
    const label = isAgent ? (input.run.agent ?? '') : model.name;
    const [address, port] = /^(.*?)(?::(\d+))?$/.exec(model.server ?? '')?.slice(1) ?? [];
    const { temperature, top_p, max_output_tokens, seed, stop, reasoning_effort } = input.sampling ?? {};
    return tracing.start({
      name: `${operation} ${label}`,
      kind: model.server === undefined ? 'internal' : 'client',
      parent,
      attributes: {
        [GEN_AI.operation]: operation,
        [GEN_AI.provider]: model.provider,
        [GEN_AI.conversation]: input.run.chat_id,
        [GEN_AI.stream]: true,
        ...(isAgent ? { [GEN_AI.agent]: label } : { [GEN_AI.model]: label }),
        'server.address': address === '' ? undefined : address,
        'server.port': port === undefined ? undefined : Number(port),
        [GEN_AI.temperature]: temperature,
        [GEN_AI.topP]: top_p,
        [GEN_AI.maxTokens]: max_output_tokens,
        [GEN_AI.seed]: seed,
        [GEN_AI.stop]: stop,
        [GEN_AI.reasoning]: reasoning_effort,
        ...(tracing.withContent && { [GEN_AI.inputMessages]: toInputMessages(messages) }),
      },
    });
  }

  private report(
    request: WatchedRequest,
    { error, model, agent }: { error: unknown; model: ChatModel; agent: string },
  ): void {
    const { firstSeconds, seconds, tokens } = request.figures;
    const outcome = outcomeOf(error);
    this.metrics.models.called({
      provider: model.provider,
      model: model.name,
      agent,
      outcome,
      status: outcome === 'ok' ? 'completed' : outcome === 'cancelled' ? 'cancelled' : 'error',
      seconds,
      firstSeconds,
      prompt_tokens: tokens.prompt,
      completion_tokens: tokens.completion,
    });
  }

  private describe(request: WatchedRequest, error: unknown): void {
    const { span } = request;
    if (!span.isRecording) return;
    const { firstSeconds, finish, tokens } = request.figures;
    span.set({
      [GEN_AI.firstChunk]: firstSeconds,
      [GEN_AI.finishReasons]: finish === undefined ? undefined : [finish],
      [GEN_AI.inputTokens]: tokens.prompt,
      [GEN_AI.outputTokens]: tokens.completion,
      [GEN_AI.cacheRead]: tokens.cached > 0 ? tokens.cached : undefined,
      [GEN_AI.cacheWrite]: tokens.written > 0 ? tokens.written : undefined,
      ...(request.answer && { [GEN_AI.outputMessages]: toOutputMessages(request.answer) }),
    });
    if (error !== undefined) span.fail(outcomeOf(error));
  }
}

function outcomeOf(error: unknown): string {
  if (error === undefined) return 'ok';
  return error instanceof ModelError ? error.code : 'cancelled';
}
