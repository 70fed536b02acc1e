export { RunsHttpModule } from './runs-http.module.js';
export { DecisionDto } from './decision.dto.js';
