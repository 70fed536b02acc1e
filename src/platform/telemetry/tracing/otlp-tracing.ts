import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span as SdkSpan,
  type SpanContext,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type IdGenerator,
} from '@opentelemetry/sdk-trace';
import type { OnApplicationShutdown } from '@nestjs/common';
import { hostname } from 'node:os';
import { withTimeout } from '../../../common/index.js';
import type { Settings } from '../../config/index.js';
import { TargetExporter } from './target-exporter.js';
import { langSmithAttributes } from './lang-smith.js';
import type { Span, SpanAttributes, SpanStart } from './span.js';
import type { TraceContext } from './trace-context.js';
import type { TraceTarget } from './trace-targets.js';
import { Tracing, type TracingState } from './tracing.js';

/** Spans that wait to be sent; more are dropped. */
const QUEUE_MAX = 8192;
const BATCH_MAX = 512;
const EVERY_MS = 1000;
const EXPORT_LIMIT_MS = 10_000;
/** What is left in the queue gets this long when the process stops. */
const FLUSH_LIMIT_MS = 2000;
const TEXT_MAX_CHARS = 32_768;

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT };

/** Random ids, but for spans that bring their own. */
class Ids implements IdGenerator {
  next: { span?: string | undefined; trace?: string | undefined } = {};
  private readonly random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.next.trace ?? this.random.generateTraceId();
  }

  generateSpanId(): string {
    return this.next.span ?? this.random.generateSpanId();
  }
}

class OtlpSpan implements Span {
  readonly context: TraceContext;

  constructor(
    private readonly span: SdkSpan,
    private readonly more: (attributes: SpanAttributes) => SpanAttributes,
  ) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
    this.context = { trace_id: traceId, span_id: spanId, sampled };
  }

  get isRecording(): boolean {
    return this.span.isRecording();
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(this.more(attributes) as Attributes);
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  fail(type: string, message?: string): void {
    this.span.setAttribute('error.type', type);
    this.span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
  }

  end(at?: number): void {
    this.span.end(at);
  }
}

/**
 * Sends spans over OTLP. Nothing is instrumented by itself, and nothing global is registered: spans get their parents
 * explicitly (docs/decisions/033). A collector that fails costs spans, never a run.
 */
export class OtlpTracing extends Tracing implements OnApplicationShutdown {
  override readonly isOn = true;
  override readonly withContent: boolean;
  private readonly ids = new Ids();
  private readonly exporters: readonly TargetExporter[];
  private readonly provider: TracerProvider;
  private readonly tracer;
  private readonly more: (attributes: SpanAttributes) => SpanAttributes;

  constructor(targets: readonly TraceTarget[], settings: Settings) {
    super();
    this.withContent = settings.TRACE_CONTENT === 'on';
    this.more = settings.LANGSMITH_API_KEY === undefined ? (given) => given : langSmithAttributes;
    this.exporters = targets.map((target) => new TargetExporter(target, settings));
    const ratio = new TraceIdRatioBasedSampler(settings.TRACE_SAMPLE_RATIO);
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.name': settings.OTEL_SERVICE_NAME,
        'service.instance.id': `${hostname()}/${process.pid}`,
        ...settings.OTEL_RESOURCE_ATTRIBUTES,
      }),
      // A client may turn the recording of its trace off. On it cannot: that is for the ratio to say.
      sampler: new ParentBasedSampler({ root: ratio, remoteParentSampled: ratio }),
      idGenerator: this.ids,
      spanLimits: { attributeValueLengthLimit: TEXT_MAX_CHARS, attributeCountLimit: 64, linkCountLimit: 16 },
      spanProcessors: this.exporters.map(
        (exporter) =>
          new BatchSpanProcessor({
            exporter,
            maxQueueSize: QUEUE_MAX,
            maxExportBatchSize: BATCH_MAX,
            scheduledDelayMillis: EVERY_MS,
            exportTimeoutMillis: EXPORT_LIMIT_MS,
          }),
      ),
    });
    this.tracer = this.provider.getTracer('reprise');
  }

  override get state(): TracingState {
    return { targets: this.exporters.map(({ state }) => state) };
  }

  override start({ name, kind, parent, attributes, links, id, traceId, at }: SpanStart): Span {
    this.ids.next = { span: id, trace: traceId };
    const options = {
      kind: KINDS[kind ?? 'internal'],
      ...(attributes && { attributes: this.more(attributes) as Attributes }),
      ...(links && {
        links: links.map((link) => ({
          context: toSpanContext(link.context),
          attributes: link.attributes as Attributes,
        })),
      }),
      ...(at !== undefined && { startTime: at }),
    };
    try {
      return new OtlpSpan(this.tracer.startSpan(name, options, under(parent)), this.more);
    } finally {
      this.ids.next = {};
    }
  }

  /** Bounded, and never rejects: whatever was not sent in time is lost. */
  async onApplicationShutdown(): Promise<void> {
    await withTimeout(
      this.provider.shutdown().catch(() => undefined),
      FLUSH_LIMIT_MS,
    );
  }
}

function under(parent: TraceContext | undefined): Context {
  return parent ? trace.setSpanContext(ROOT_CONTEXT, toSpanContext(parent)) : ROOT_CONTEXT;
}

function toSpanContext({ trace_id, span_id, sampled, remote = false }: TraceContext): SpanContext {
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return { traceId: trace_id, spanId: span_id, traceFlags, isRemote: remote };
}
