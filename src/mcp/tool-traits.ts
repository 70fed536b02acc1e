import type { ToolTraits } from '../tools/index.js';
import type { RemoteTool } from './connections/connection.js';
import type { ServerConfig } from './servers-schema.js';

const ALL = '*';

/**
 * How calls of a tool are treated. What the file says beats what the server says, and a name beats `*`; what the server
 * does not say is what MCP assumes: not read-only, destructive, not idempotent.
 *
 * | read-only | destructive | approval | idempotent           |
 * | --------- | ----------- | -------- | -------------------- |
 * | yes       |             | no       | yes                  |
 * | no        | no          | no       | as the server says   |
 * | no        | yes         | yes      | as the server says   |
 */
export function traitsOf(
  { name, hints }: RemoteTool,
  server: ServerConfig,
): Required<Pick<ToolTraits, 'approval' | 'idempotent' | 'parallel'>> & Pick<ToolTraits, 'timeout_ms'> {
  const { readOnly = false, destructive = true, idempotent = false, confirmation } = hints;
  const approval = decided(name, server) ?? confirmation ?? (!readOnly && destructive);
  const isRepeatable = includes(server.idempotent, name) || readOnly || idempotent;
  const limit = server.timeout_ms === undefined ? {} : { timeout_ms: server.timeout_ms };
  return { approval, idempotent: isRepeatable, parallel: server.parallel, ...limit };
}

/** What the file says about approval. */
function decided(name: string, { approve, trust }: ServerConfig): boolean | undefined {
  if (approve.includes(name)) return true;
  if (trust.includes(name)) return false;
  if (approve.includes(ALL)) return true;
  return trust.includes(ALL) ? false : undefined;
}

function includes(list: readonly string[], name: string): boolean {
  return list.includes(name) || list.includes(ALL);
}
