export { HealthModule } from './health.module.js';
export { RuntimeFacts, type LogFacts, type RunFacts } from './runtime-facts.js';
export { troubleshootingPage } from './diagnosis/troubleshooting-page.js';
export { RuntimeStats, type ModelState, type RuntimeSnapshot } from './runtime-stats.js';
