export { HealthModule } from './health.module.js';
export { RuntimeStats, type RuntimeSnapshot } from './runtime-stats.js';
