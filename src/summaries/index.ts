export { SummariesModule } from './summaries.module.js';
export { Summariser } from './summariser.js';
