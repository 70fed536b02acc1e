/** What a provider said about a failure, in whatever shape, as far as it decides what to do. */
export interface ProviderFault {
  /** HTTP status, 400 to 599. */
  status?: number;
  /** The status was not given as a number: `word` implies it. */
  isStatusGuessed?: boolean;
  /** Stable word of the provider, in snake case, e.g. `context_length_exceeded`. */
  word?: string;
  /** How long the provider asks to wait. */
  retryAfterMs?: number;
}

/** A limit that waiting does not lift. */
export const NO_MONEY = 'insufficient_quota';

type Fields = Partial<Record<string, unknown>>;

const DEEPEST = 4;
/** Where a number may be, and where a word; the first one that is valid counts. */
const STATUS_FIELDS = ['status', 'status_code', 'statusCode', 'http_status', 'http_code', 'code'];
const WORD_FIELDS = ['code', 'type', 'status', 'reason', 'error_type', 'error', 'name'];

/** Reads an error object. Never throws; one that says nothing gives an empty fault. */
export function readFault(value: unknown): ProviderFault {
  const layers = layersOf(value);
  const words = layers.flatMap((layer) => WORD_FIELDS.flatMap((field) => toWord(layer[field]) ?? []));
  const known = words.find((word) => statusOf(word) !== undefined);
  const told = first(layers, STATUS_FIELDS, toStatus);
  const word =
    words.find((each) => each === NO_MONEY) ?? (told === undefined ? known : undefined) ?? words[0];
  const status = told ?? (known === undefined ? undefined : statusOf(known));
  const retryAfterMs = first(layers, ['retry_after_ms'], toPositive) ?? seconds(layers);
  return {
    ...(status !== undefined && { status, isStatusGuessed: told === undefined }),
    ...(word !== undefined && { word }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The object and the errors nested in it, innermost first: gateways wrap what their provider said. */
function layersOf(value: unknown): Fields[] {
  const layers: Fields[] = [];
  let inner = value;
  while (layers.length < DEEPEST) {
    if (Array.isArray(inner)) inner = inner[0] as unknown;
    if (typeof inner === 'string') inner = { code: inner };
    if (typeof inner !== 'object' || inner === null) break;
    layers.unshift(inner);
    inner = (inner as Fields)['error'];
  }
  return layers;
}

function first<T>(
  layers: Fields[],
  fields: string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const layer of layers) {
    for (const field of fields) {
      const value = read(layer[field]);
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

function seconds(layers: Fields[]): number | undefined {
  const value = first(layers, ['retry_after', 'retry_after_seconds', 'retryAfter'], toPositive);
  return value === undefined ? undefined : value * 1000;
}

function toPositive(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function toStatus(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{3}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 400 && number < 600
    ? number
    : undefined;
}

/** `BadRequestError`, `RESOURCE_EXHAUSTED`, `rate-limit` → snake case; sentences and numbers are not words. */
function toWord(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value
    .trim()
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[-. ]/g, '_')
    .toLowerCase();
  return /^[a-z][a-z\d_]{1,59}$/.test(word) && word !== 'error' ? word : undefined;
}

/** The first match counts; only what a retry depends on has to be distinguished. */
const STATUS_OF_WORD: readonly (readonly [RegExp, number])[] = [
  [
    /insufficient_quota|rate_?limit|too_many|resource_exhausted|throttl|tokens?_per_min|requests?_per_min/,
    429,
  ],
  [/^(?:requests|tokens)$|concurrency|quota_exceeded|exceeded_current_quota/, 429],
  [/payment|billing|insufficient_(?:balance|credit|fund)|arrear/, 402],
  [/invalid_api_key|unauthenticated|unauthori[sz]ed|authentication/, 401],
  [/permission|forbidden|access_denied|access_terminated/, 403],
  [/not_found/, 404],
  [/deadline|timed?_?out/, 408],
  [
    /context|too_long|too_large|string_above_max|invalid|bad_request|unsupported|unprocessable|validation/,
    400,
  ],
  [/failed_precondition|out_of_range|content_(?:filter|policy)|moderation|sensitive|safety|blocked/, 400],
  [/overload|unavailable|capacity|busy|insufficient_system_resource|engine_|loading/, 503],
  [/internal|server_error|api_error|upstream|network_error|bad_gateway|provider_error/, 500],
];

function statusOf(word: string): number | undefined {
  return STATUS_OF_WORD.find(([pattern]) => pattern.test(word))?.[1];
}
