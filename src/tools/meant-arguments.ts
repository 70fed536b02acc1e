import type { z } from 'zod';
import { asJsonObject, parseJson } from '../common/index.js';

/** Fixing one fault may reveal the next, a few levels down. */
const ROUNDS = 4;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

type Issue = z.core.$ZodIssue;
type Container = Record<PropertyKey, unknown>;

/**
 * Arguments as a model meant them, if its mistake can be read in only one way: `null` for an optional argument counts
 * as absent, and a number, boolean, list or object that the schema asks for may be quoted. Everything else stays
 * unchanged.
 */
export function asMeant(args: object, schema: z.ZodType): unknown {
  const copy: unknown = structuredClone(args);
  for (let round = 0; round < ROUNDS; round++) {
    const result = schema.safeParse(copy);
    if (result.success) return copy;
    const changed = result.error.issues.map((issue) => change(copy, issue));
    if (!changed.includes(true)) return copy;
  }
  return copy;
}

/** @returns whether there was something to change. */
function change(args: unknown, issue: Issue): boolean {
  const name = issue.path.at(-1);
  const holder = issue.path.slice(0, -1).reduce<unknown>((value, key) => asContainer(value)?.[key], args);
  const container = asContainer(holder);
  if (name === undefined || !container || !Object.hasOwn(container, name)) return false;
  if (container[name] === null) {
    if (Array.isArray(container)) return false;
    return Reflect.deleteProperty(container, name);
  }
  const meant = read(container[name], issue);
  if (meant === undefined) return false;
  container[name] = meant;
  return true;
}

/** The quoted value; undefined if it is not what the schema asks for. */
function read(value: unknown, issue: Issue): unknown {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (issue.code === 'invalid_value') {
    return issue.values.find((each) => typeof each !== 'string' && String(each) === text);
  }
  if (issue.code !== 'invalid_type') return undefined;
  switch (issue.expected) {
    case 'number':
    case 'int':
      return NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'boolean':
      return { true: true, false: false }[text.toLowerCase()];
    case 'array':
    case 'object':
    case 'record':
      return parsed(text, issue.expected);
    default:
      return undefined;
  }
}

function parsed(text: string, expected: string): object | undefined {
  const value = parseJson(text);
  if (expected === 'array') return Array.isArray(value) ? value : undefined;
  return asJsonObject(value);
}

function asContainer(value: unknown): Container | undefined {
  return typeof value === 'object' && value !== null ? (value as Container) : undefined;
}
