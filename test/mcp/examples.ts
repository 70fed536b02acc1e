import { fileURLToPath } from 'node:url';
import { cleanUp, listen, startWorld, type McpWorld } from './support.js';

/** Program of an example server. */
export const example = (name: string): string =>
  fileURLToPath(new URL(`../../examples/${name}/server.mjs`, import.meta.url));

/** The ways in which {@link threeWays} reaches an example. */
export const WAYS = ['stdio', 'http', 'simple'];

const worlds: McpWorld[] = [];

/** Like `startWorld`; closed by {@link closeWorlds}. */
export async function newWorld(...args: Parameters<typeof startWorld>): Promise<McpWorld> {
  const world = await startWorld(...args);
  worlds.push(world);
  return world;
}

/** One example three times: over standard input and output, over HTTP, and with the simple protocol. */
export async function threeWays(name: string, env: Record<string, string>): Promise<McpWorld> {
  const { url } = await listen(example(name), [], { env });
  return newWorld({
    stdio: { command: process.execPath, args: [example(name), 'stdio'], env },
    http: { url: `${url}/mcp` },
    simple: { url, protocol: 'simple' },
  });
}

/** For `afterAll`. */
export async function closeWorlds(): Promise<void> {
  for (const world of worlds.splice(0)) await world.close();
  await cleanUp();
}
