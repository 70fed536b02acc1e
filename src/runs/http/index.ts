export { RunsHttpModule } from './runs-http.module.js';
