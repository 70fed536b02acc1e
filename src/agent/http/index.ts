export { AgentHttpModule } from './agent-http.module.js';
