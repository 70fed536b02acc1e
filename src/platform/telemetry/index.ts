export { Metrics, type RequestSample } from './metrics.js';
export { TelemetryModule } from './telemetry.module.js';
