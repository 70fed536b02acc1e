/** JSON of requests and files that is nested deeper is rejected before anything recurses over it. */
const MAX_DEPTH = 64;
/** Keys that change what an object *is*: the first three for JavaScript, the last for the BSON serialiser. */
const POISONED = new Set(['__proto__', 'constructor', 'prototype', '_bsontype']);

/** One member of a JSON value: the value itself has no key and depth 0, its members have depth 1. */
export interface JsonMember {
  key: string | undefined;
  value: unknown;
  depth: number;
}

/**
 * Checks every member of untrusted JSON. Does not recurse, because the sender chooses the nesting depth.
 * @param faultOf returns what is wrong with one member; the contents of a faulty member are not checked.
 * @returns the first fault found
 */
export function jsonFault(
  root: unknown,
  faultOf: (member: JsonMember) => string | undefined,
): string | undefined {
  const stack: JsonMember[] = [{ key: undefined, value: root, depth: 0 }];
  for (let member = stack.pop(); member; member = stack.pop()) {
    const fault = faultOf(member);
    if (fault !== undefined) return fault;
    const { value, depth } = member;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) stack.push({ key, value: inner, depth: depth + 1 });
  }
  return undefined;
}

/** True for an object or array at depth `max` or deeper. */
export function isTooDeep({ value, depth }: JsonMember, max = MAX_DEPTH): boolean {
  return depth >= max && typeof value === 'object' && value !== null;
}

/** True for a key that must not be stored or assigned. */
export function isPoisonedKey(key: string | undefined): boolean {
  return key !== undefined && POISONED.has(key);
}

/** Parses JSON; `undefined` if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** True for `{…}`, but not for an array. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is a JSON object, else `undefined`. */
export function asJsonObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isJsonObject(value) ? value : undefined;
}
