import { z } from 'zod';
import { clip, isJsonObject, isTooDeep, jsonFault, redactSecrets, type FieldError } from '../common/index.js';
import { asMeant } from './meant-arguments.js';
import { ToolError } from './tool.js';

const SUMMARY_MAX_CHARS = 200;
const VALUE_MAX_CHARS = 80;
/** Code that copies or checks a value recurses, and so may a tool's own schema. */
const MAX_DEPTH = 100;
const INVALID = 'invalid_arguments';

/** The arguments are not what the tool takes. */
class ArgumentsError extends ToolError {
  /** @param faults each with the path of the argument; the empty path is all of them. */
  constructor(
    message: string,
    readonly faults: readonly FieldError[],
  ) {
    super(message, INVALID);
  }
}

/** What is wrong with arguments, field by field; empty if the tool takes them. */
export function argumentFaults(read: () => unknown): readonly FieldError[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ArgumentsError) return error.faults;
    throw error;
  }
}

/**
 * Reads and checks the JSON text that a model gave as arguments.
 * @throws ToolError in words with which a model can correct itself.
 */
export function readArguments<S extends z.ZodObject>(schema: S, text: string): z.output<S> {
  const given = parseObject(text);
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const meant = schema.safeParse(asMeant(given, schema));
  if (meant.success) return meant.data;
  const faults = result.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  const said = faults.map(({ field, message }) => `${field || 'arguments'}: ${message}`);
  throw new ArgumentsError(`Wrong arguments. ${said.join('; ')}`, faults);
}

/** Arguments in one line for the user: `query='CSR krav', limit=5`. Never throws. */
export function summarizeArguments(text: string): string {
  try {
    const parts = Object.entries(parseObject(text)).map(([key, value]) => `${key}=${showValue(value)}`);
    return clip(oneLine(parts.join(', ')), SUMMARY_MAX_CHARS);
  } catch {
    return clip(oneLine(text), SUMMARY_MAX_CHARS); // not JSON, or nested too deeply to be written again
  }
}

/** A result in one line for the user, at most 200 characters. */
export function summarizeResult(text: string): string {
  return clip(oneLine(text), SUMMARY_MAX_CHARS);
}

function parseObject(text: string): object {
  let value: unknown;
  try {
    value = parseText(text);
    // Some models encode the object twice.
    if (typeof value === 'string') value = parseText(value);
    if (value === null) return {}; // how some say that there are none
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    throw wrong(`The arguments are not valid JSON (${why}).`);
  }
  const tooDeep = jsonFault(value, (member) => (isTooDeep(member, MAX_DEPTH) ? 'too deep' : undefined));
  if (tooDeep !== undefined) throw wrong('The arguments are nested too deeply.');
  if (isJsonObject(value)) return value;
  throw wrong('The arguments must be one JSON object.');
}

const wrong = (message: string): ArgumentsError => new ArgumentsError(message, [{ field: '', message }]);

function parseText(text: string): unknown {
  return text.trim() === '' ? null : JSON.parse(text);
}

function showValue(value: unknown): string {
  if (typeof value === 'string') return `'${clip(value, VALUE_MAX_CHARS)}'`;
  return clip(JSON.stringify(value), VALUE_MAX_CHARS);
}

function oneLine(text: string): string {
  return redactSecrets(text.replace(/\s+/g, ' ').trim());
}
