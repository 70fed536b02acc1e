import { clip, isPoisonedKey, isTooDeep, jsonFault, type FieldError } from '../../common/index.js';

/** True for `{…}` as created by `JSON.parse` or `querystring`. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A key from the client, short enough to be sent back. */
export function shownKey(key: string): string {
  return clip(key, 100);
}

/**
 * What is wrong with the *shape* of a body or query, before any field's rule is checked. Does not recurse, because its
 * job is to stop what would exhaust the stack of code that does.
 */
export function shapeErrors(value: unknown, where: string): FieldError[] {
  if (!isPlainObject(value)) return [{ field: where, message: 'must be a JSON object' }];
  // Names that every object has: class-transformer silently drops them instead of reporting them as unknown.
  const inherited = Object.keys(value).filter((key) => key in Object.prototype || isPoisonedKey(key));
  if (inherited.length > 0) return inherited.map((field) => ({ field, message: 'is not a known field' }));
  for (const [field, member] of Object.entries(value)) {
    const message = nestedFault(member);
    if (message !== undefined) return [{ field: shownKey(field), message }];
  }
  return [];
}

function nestedFault(root: unknown): string | undefined {
  return jsonFault(root, (member) => {
    if (isPoisonedKey(member.key)) return `must not have the key "${member.key}"`;
    return isTooDeep(member) ? 'is nested too deeply' : undefined;
  });
}
