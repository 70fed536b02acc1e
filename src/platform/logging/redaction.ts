import { clip, redactSecrets } from '../../common/index.js';

const TEXT_MAX_CHARS = 8192;
const DEPTH_MAX = 4;
const ENTRIES_MAX = 100;

/** Fields whose value is a secret, whatever it looks like. */
const SECRET_NAME =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api[-_]?key|password|passwd|secret|token|ticket|access_token|refresh_token|client_secret)$/i;

/** A text without secrets. @param secrets removed wherever they occur. */
export function cleanText(text: string, secrets: readonly string[]): string {
  // Cut twice: a secret that the first cut has shortened is beyond the second.
  return clip(redactSecrets(clip(text, 2 * TEXT_MAX_CHARS), secrets), TEXT_MAX_CHARS);
}

/**
 * Fields of a line without secrets, at any depth. An error keeps its class, text, code, stack and cause; what libraries
 * attach to their errors (requests, headers, documents) is left out.
 */
export function cleanFields(
  fields: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): Record<string, unknown> {
  return cleanObject(fields, secrets, 0);
}

function cleanObject(fields: object, secrets: readonly string[], depth: number): Record<string, unknown> {
  const entries = Object.entries(fields).slice(0, ENTRIES_MAX);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      SECRET_NAME.test(name) && typeof value === 'string' ? '[redacted]' : clean(value, secrets, depth),
    ]),
  );
}

function clean(value: unknown, secrets: readonly string[], depth: number): unknown {
  if (typeof value === 'string') return cleanText(value, secrets);
  if (value instanceof Error) return cleanError(value, secrets, depth);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= DEPTH_MAX) return '…';
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((one) => clean(one, secrets, depth + 1));
  return cleanObject(value, secrets, depth + 1);
}

function cleanError(error: Error, secrets: readonly string[], depth: number): object {
  const { name, message, stack, cause } = error;
  const code: unknown = Reflect.get(error, 'code');
  return {
    type: error.constructor.name || name,
    message: cleanText(message, secrets),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    stack: cleanText(stack ?? '', secrets),
    ...(cause instanceof Error && depth < DEPTH_MAX && { cause: cleanError(cause, secrets, depth + 1) }),
  };
}
