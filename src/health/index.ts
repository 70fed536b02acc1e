export { HealthModule } from './health.module.js';
export { RuntimeStats, type ModelState, type RuntimeSnapshot } from './runtime-stats.js';
