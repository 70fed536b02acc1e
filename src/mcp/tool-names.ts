import { createHash } from 'node:crypto';

/** What all models accept. */
const MAX_CHARS = 64;
const HASH_CHARS = 8;

/**
 * The name that a model uses: `server__tool`. Characters that models do not accept become `_`; a longer name ends with a
 * hash of the whole. The same tool always gets the same name.
 */
export function modelName(server: string, tool: string): string {
  const name = `${server}__${tool.replace(/[^A-Za-z0-9_-]/g, '_')}`;
  if (name.length <= MAX_CHARS) return name;
  const hash = createHash('sha256').update(tool).digest('hex').slice(0, HASH_CHARS);
  return `${name.slice(0, MAX_CHARS - HASH_CHARS - 1)}_${hash}`;
}
