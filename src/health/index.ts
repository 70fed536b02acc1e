export { HealthModule } from './health.module.js';
export { RuntimeFacts, type LogFacts, type RunFacts } from './runtime-facts.js';
export { troubleshootingPage } from './diagnosis/troubleshooting-page.js';
export { RuntimeStats, type ModelState, type RuntimeSnapshot } from './runtime-stats.js';
export { DiagnosisService, type Diagnosis } from './diagnosis/diagnosis.service.js';
export { FindingView } from './diagnosis/diagnosis.view.js';
export type { RequestWay } from './diagnosis/edge-checks.js';
