export { RunsHttpModule } from './runs-http.module.js';
export { ClientDecisions, type ClientDecision } from './client-decisions.js';
