import { ExportResultCode } from '@opentelemetry/core';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import {
  createOtlpHttpExportDelegate,
  httpAgentFactoryFromOptions,
} from '@opentelemetry/otlp-exporter-base/node-http';
import {
  JsonTraceSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { redactSecrets } from '../../../common/index.js';
import type { Settings } from '../../config/index.js';
import { Log } from '../../logging/index.js';
import type { TraceTarget } from './trace-targets.js';
import type { TracingState } from './tracing.js';

const TIMEOUT_MS = 8000;
const AT_ONCE = 4;
const REASON_MAX_CHARS = 200;

type Export = SpanExporter['export'];

/**
 * Sends spans to one target. Built from the parts of the SDK's exporter and not from the exporter itself, which also
 * reads the environment: the collector's headers would reach LangSmith.
 */
export class TargetExporter implements SpanExporter {
  private readonly log = new Log('Tracing');
  private readonly inner: OTLPExporterBase<ReadableSpan[]>;
  private readonly host: string;
  private reason: string | undefined;

  constructor({ url, headers }: TraceTarget, settings: Settings) {
    this.host = new URL(url).host;
    const isJson = settings.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json';
    const type = isJson ? 'application/json' : 'application/x-protobuf';
    const options = {
      url,
      headers: () => Promise.resolve({ ...headers, 'Content-Type': type }),
      compression: 'gzip' as const,
      timeoutMillis: TIMEOUT_MS,
      concurrencyLimit: AT_ONCE,
      agentFactory: httpAgentFactoryFromOptions({ keepAlive: true }),
    };
    this.inner = new OTLPExporterBase(
      createOtlpHttpExportDelegate(
        options,
        isJson ? JsonTraceSerializer : ProtobufTraceSerializer,
        isJson ? 'otlp_http_json_span_exporter' : 'otlp_http_span_exporter',
        TraceExporterMetricsHelper,
        undefined,
      ),
    );
  }

  /** How it goes, for operators. */
  get state(): TracingState['targets'][number] {
    const { host, reason } = this;
    return { host, failing: reason !== undefined, ...(reason !== undefined && { reason }) };
  }

  export(spans: Parameters<Export>[0], done: Parameters<Export>[1]): void {
    this.inner.export(spans, (result) => {
      this.note(
        result.code === ExportResultCode.SUCCESS
          ? undefined
          : (result.error ?? new Error('no reason was given')),
      );
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.inner.shutdown();
  }

  /** One line when it begins to fail, and one when it works again. */
  private note(error: Error | undefined): void {
    const wasFailing = this.reason !== undefined;
    this.reason = error && redactSecrets(error.message || error.name).slice(0, REASON_MAX_CHARS);
    if (error && !wasFailing)
      this.log.warn('Traces cannot be sent; their spans are lost', { host: this.host, reason: this.reason });
    else if (!error && wasFailing) this.log.info('Traces are sent again', { host: this.host });
  }
}
