export { Metrics } from './metrics/metrics.js';
export { sameGauge } from './metrics/same-figures.js';
export type { AgentStreams, StreamEnd } from './metrics/stream-metrics.js';
export { TelemetryModule } from './telemetry.module.js';
export { GEN_AI, REPRISE } from './tracing/gen-ai.js';
export { placeOfSignal, placeSignal, traceHeadersOf } from './tracing/signal-trace.js';
export { NO_SPAN, type Span, type SpanAttributes } from './tracing/span.js';
export { readTraceparent, traceHeaders, traceparentOf, type TraceContext } from './tracing/trace-context.js';
export { NoTracing, Tracing } from './tracing/tracing.js';
