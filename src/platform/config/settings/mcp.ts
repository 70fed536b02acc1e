import { ms, optionalText } from './rules.js';

/** Tools of other servers. */
export const mcpSettings = {
  MCP_SERVERS_FILE: optionalText.describe(
    'YAML file of MCP servers whose tools agents can use; see docs/mcp.md',
  ),
  MCP_START_WAIT_MS: ms
    .default(5000)
    .describe(
      'How long the start waits for MCP servers; those that take longer are waited for in the background, ms',
    ),
};
