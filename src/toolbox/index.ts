export { ToolboxModule } from './toolbox.module.js';
