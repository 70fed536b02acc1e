export { McpModule } from './mcp.module.js';
export { McpServers } from './mcp-servers.js';
export type { ServerState } from './remote-tools.js';
