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
