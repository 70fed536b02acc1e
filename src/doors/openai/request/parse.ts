import { z } from 'zod';
import { AppError, isCleanText, isPoisonedKey, isTooDeep, jsonFault } from '../../../common/index.js';
import { validationFailed } from '../../../platform/http/index.js';

/** A text that can be stored and sent unchanged. */
export const cleanString = z
  .string('must be a string')
  .refine(isCleanText, 'must not contain NUL characters or lone surrogates');

const KEY = 'must not have keys that start with "$", contain NUL characters, or are reserved';

/** What a client wants to find again: as many and as long as OpenAI allows. */
export const metadataSchema = z
  .record(
    z.string().max(64),
    cleanString.max(512, 'must have values of at most 512 characters'),
    'must be an object of strings',
  )
  .refine((data) => Object.keys(data).length <= 16, 'must have at most 16 keys')
  .refine((data) => Object.keys(data).every(isStorable), KEY);

const isStorable = (key: string): boolean => !key.startsWith('$') && isCleanText(key) && !isPoisonedKey(key);

/**
 * Reads a body by a schema. Clients send many parameters of models, which agents do not have: unknown ones are ignored.
 * @throws AppError 400 `validation_failed` that names the fields.
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const deep = jsonFault(body, (member) => {
    if (isPoisonedKey(member.key)) return `must not have the key "${member.key}"`;
    return isTooDeep(member) ? 'is nested too deeply' : undefined;
  });
  if (deep !== undefined) throw invalid('body', deep);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    field: path.map(String).join('.').slice(0, 200) || 'body',
    message: lowered(message),
  }));
  throw validationFailed(errors);
}

/** One wrong field. */
export const invalid = (field: string, message: string): AppError => validationFailed([{ field, message }]);

/** zod's own texts are sentences of their own: "Invalid input: expected string". */
const lowered = (text: string): string =>
  /^[A-Z]/.test(text) ? `is not valid: ${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
