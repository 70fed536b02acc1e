export { ToolsHttpModule } from './tools-http.module.js';
