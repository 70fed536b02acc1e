import path from 'node:path';
import { z } from 'zod';
import { faultOf } from './setting-rules.js';

const port = z.coerce.number().int().min(0).max(65_535);
const positive = z.coerce.number().int().positive();
const bytes = positive;
const ms = positive;
const optionalText = z.string().trim().min(1).optional();
const optionalUrl = z.url({ protocol: /^https?$/ }).optional();
const choice = z.enum(['auto', 'on', 'off']).default('auto');

/** @param must what is required, as the end of a sentence about the setting. */
const matching = (pattern: RegExp, must: string) => z.string().refine((text) => pattern.test(text), must);

/** A proxy as `curl` accepts it: without a scheme it is http://. */
const proxy = optionalText
  .transform((text) => (text === undefined || /^[a-z\d]+:\/\//i.test(text) ? text : `http://${text}`))
  .refine((text) => text === undefined || isProxyUrl(text), 'must be an http://, https:// or socks5:// URL');

/** Every setting: environment variable → rule, default, and its sentence in the settings table. */
export const settingsSchema = z.object({
  PORT: port.default(8000).describe('TCP port of the HTTP server; 0 picks a free one'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.data')
    .transform((dir) => path.resolve(dir))
    .describe('Folder of the embedded database'),
  MONGODB_URI: matching(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional()
    .describe('Connection string of MongoDB; unset: the embedded engine under `DATA_DIR`'),
  MONGODB_DATABASE: matching(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, "_" and "-"')
    .default('reprise')
    .describe('Database name'),
  OPENAI_API_KEY: optionalText
    .superRefine(refuseUncarriable)
    .describe('API key of the model provider; without it (and without a base URL) the offline model answers'),
  OPENAI_BASE_URL: optionalUrl
    .refine((url) => url === undefined || !hasCredentials(url), 'must not contain a user name or password')
    .describe('Base URL of any OpenAI-compatible endpoint'),
  OPENAI_MODEL: z.string().min(1).default('gpt-4.1-mini').describe('Model name sent to the provider'),
  MODEL_TIMEOUT_MS: ms.default(60_000).describe('Longest wait for the first byte of a model answer, ms'),
  MODEL_STALL_MS: ms
    .default(30_000)
    .describe('Longest silence within a model answer before it counts as broken, ms'),
  MODEL_RETRIES: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(3)
    .describe('Retries after 429, 5xx, a timeout or a broken stream'),
  MODEL_CONCURRENCY: matching(
    /^(auto|[1-9]\d{0,3}|10000)$/,
    'must be "auto" or a whole number from 1 to 10000',
  )
    .transform((text) => (text === 'auto' ? text : Number(text)))
    .default('auto')
    .describe(
      'Requests that one process has in flight at the model endpoint; others wait in order. `auto`: no limit until the server says that it is overloaded (429, 503), or how many it accepts',
    ),
  MODEL_CONTEXT_TOKENS: positive
    .optional()
    .describe(
      "Tokens of the model's context window; unset: what the server lists, or reports when it rejects a request. Longer conversations are shortened to fit",
    ),
  MODEL_TOOLS: choice.describe(
    'Whether to offer tools to the model; `auto`: until its server says that it does not accept them',
  ),
  MODEL_STREAM_USAGE: choice.describe(
    'Whether to ask the model to report tokens (`stream_options`); `auto`: until its server rejects that',
  ),
  HTTPS_PROXY: proxy.describe(
    'Proxy for an https:// model endpoint; this and the next three also work in lower case',
  ),
  HTTP_PROXY: proxy.describe(
    'Proxy for an http:// model endpoint, and for https:// ones if `HTTPS_PROXY` is unset',
  ),
  ALL_PROXY: proxy.describe('Proxy if neither of these is set'),
  NO_PROXY: optionalText.describe(
    'Comma-separated hosts to reach without a proxy, optionally with a port; `*` for all',
  ),
  RUN_CONCURRENCY: positive.max(10_000).default(64).describe('Runs that one process executes at a time'),
  RUN_MAX_ATTEMPTS: positive.max(100).default(3).describe('Attempts of one run before it ends with an error'),
  RUN_TIMEOUT_MS: ms.default(600_000).describe('Time limit of one run, ms'),
  RUN_LEASE_MS: ms
    .min(500)
    .default(15_000)
    .describe('Time without a sign of life from its worker after which a run counts as orphaned, ms'),
  RUN_MAX_STEPS: positive.max(1000).default(24).describe('Model turns in one run'),
  RUN_MAX_OUTPUT_CHARS: positive.default(400_000).describe('Characters of the answer of one run'),
  TOOL_TIMEOUT_MS: ms.default(60_000).describe('Time limit of one tool call, ms'),
  TOOL_STATUS_MS: ms
    .default(10_000)
    .describe(
      'While a tool call or a wait for the model lasts longer than this, a `status` event is emitted this often, ms',
    ),
  TOOL_RESULTS_MAX_TOKENS: positive
    .default(80_000)
    .describe(
      'Tokens (estimated) of tool results that one run passes to the model; the oldest are clipped first',
    ),
  HISTORY_MAX_MESSAGES: positive.default(40).describe('Messages of the conversation passed to the model'),
  HISTORY_MAX_TOKENS: positive
    .default(16_000)
    .describe('Tokens (estimated) of the conversation passed to the model'),
  CONTENT_MAX_CHARS: positive.default(100_000).describe('Characters of one message'),
  METADATA_MAX_BYTES: bytes.default(16_384).describe('Bytes of `metadata` as JSON'),
  TITLE_MAX_CHARS: positive.default(200).describe('Characters of a chat title'),
  BODY_MAX_BYTES: bytes.default(1_048_576).describe('Bytes of a request body'),
  DOCUMENT_MAX_CHARS: positive.default(900_000).describe('Characters of one document'),
  WORKSPACE_MAX_BYTES: bytes.default(5_242_880).describe("Total bytes of all files in one chat's workspace"),
  STREAM_HEARTBEAT_MS: ms
    .default(15_000)
    .describe('Silence on a stream after which the server sends a comment, ms'),
  STREAM_RETRY_MS: ms.default(1000).describe('Reconnection time announced to stream clients, ms'),
  STREAM_STALL_MS: ms
    .default(60_000)
    .describe('The server disconnects a client that reads nothing for this long, ms'),
  STREAMS_MAX: positive.default(20_000).describe('Streams that one process serves at a time'),
  STREAMS_MAX_PER_MESSAGE: positive.default(5000).describe('Streams of one message in one process'),
  QUEUE_MAX: positive.default(10_000).describe('Unfinished runs of all chats; more are rejected'),
  QUEUE_MAX_PER_CHAT: positive.default(20).describe('Unfinished runs of one chat; more are rejected'),
  EVENT_RETENTION_DAYS: z.coerce
    .number()
    .positive()
    .max(36_500)
    .optional()
    .describe(
      'Days (fractions allowed) to keep the log and the tool calls of a run after it has ended; unset: no limit',
    ),
  LOG_CACHE_BYTES: bytes.default(67_108_864).describe('Bytes of memory for caching the logs of ended runs'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe(
      'Redis, for more than one process: run queue and live events; unset: one process does everything',
    ),
  REDIS_PREFIX: matching(/^[\w:.-]{1,60}$/, 'must be 1 to 60 letters, digits, "_", ":", "." and "-"')
    .default('reprise')
    .describe('Prefix of every key and channel in Redis'),
  ROLE: z
    .enum(['all', 'api', 'worker'])
    .default('all')
    .describe(
      'What this process does: serve clients (`api`), execute runs (`worker`), or both (`all`); `api` and `worker` need `REDIS_URL`',
    ),
  BUS_RECHECK_MS: ms
    .default(5000)
    .describe(
      'With Redis: how often a silent stream checks the log for events whose announcement was lost, ms',
    ),
  START_TIMEOUT_MS: ms
    .default(120_000)
    .describe('Time limit for starting, ms; then the process exits so that its supervisor can restart it'),
  SHUTDOWN_GRACE_MS: ms
    .default(10_000)
    .describe(
      'Time that running tools get to finish after SIGTERM, ms; then runs are handed over as they are',
    ),
  READY_MAX_LOOP_DELAY_MS: ms
    .default(1000)
    .describe(
      'The process is not ready while its event loop is delayed by more than this (99th percentile), ms',
    ),
  READY_MAX_HEAP: z.coerce
    .number()
    .positive()
    .max(1)
    .default(0.95)
    .describe('The process is not ready while more than this fraction of the heap is in use'),
  CORS_ORIGINS: z
    .string()
    .optional()
    .transform(
      (text) =>
        text
          ?.split(',')
          .map((origin) => origin.trim())
          .filter(Boolean) ?? [],
    )
    .describe(
      'Comma-separated origins from which browsers may call the API; `*` for any; unset: same origin only',
    ),
  LOG_LEVEL: z
    .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
    .default('info')
    .describe('Minimum severity of log lines'),
  LOG_FORMAT: z
    .enum(['auto', 'json', 'text'])
    .default('auto')
    .describe('Format of log lines: JSON, or text for people; `auto`: text if standard output is a terminal'),
});

function isProxyUrl(text: string): boolean {
  return URL.canParse(text) && /^(https?|socks5?):$/.test(new URL(text).protocol);
}

function hasCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false; // reported by the rule before this one
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/**
 * A key copied from a page may contain an ellipsis, a dash or a quotation mark that nobody typed. The key is never
 * shown.
 */
function refuseUncarriable(key: string | undefined, context: z.RefinementCtx): void {
  const place = key?.search(/[^\t\x20-\x7e\x80-\xff]/) ?? -1;
  if (place < 0) return;
  const code = (key?.codePointAt(place) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const message = `contains a character that no HTTP header can carry (U+${code}, character number ${place + 1}): copy it again`;
  context.addIssue({ code: 'custom', message });
}

// The class is the token that Nest injects; the schema defines its contents.
const Shape = Object as unknown as abstract new () => z.infer<typeof settingsSchema>;

/** The validated settings. Nothing else reads the environment. */
export abstract class Settings extends Shape {}

const SEE = 'See docs/settings.md.';

/** Some settings are wrong; the message covers each of them, and the process does not start. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(
    /** One sentence per wrong setting. */
    readonly faults: readonly string[],
  ) {
    super(
      faults.length === 1
        ? `${faults.join('')} ${SEE}`
        : `${faults.length} settings are wrong.\n${faults.map((one) => `  ${one}\n`).join('')}${SEE}`,
    );
  }
}

/**
 * Reads and validates the settings.
 * @param labels what to call a setting in messages if it was not given by its own name.
 * @throws SettingsError naming every wrong setting in one sentence each.
 */
export function loadSettings(
  env: Readonly<Record<string, string | undefined>>,
  labels: Readonly<Record<string, string>> = {},
): Settings {
  // `NAME=` in a file means: not set
  const given = Object.fromEntries(
    Object.entries({ ...env, ...lowerCaseProxies(env) }).filter(([, value]) => (value ?? '').trim() !== ''),
  );
  const result = settingsSchema.safeParse(given);
  const faults = new Map<string, string>();
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0]);
    const rule = settingsSchema.shape[name as keyof typeof settingsSchema.shape];
    if (!faults.has(name)) faults.set(name, faultOf(rule, labels[name] ?? name, issue, given[name]));
  }
  const needsRedis = given['ROLE'] === 'api' || given['ROLE'] === 'worker';
  if (needsRedis && given['REDIS_URL'] === undefined)
    faults.set('REDIS_URL', `REDIS_URL must be set because ROLE is "${given['ROLE'] ?? ''}".`);
  if (result.success && faults.size === 0) return result.data;
  throw new SettingsError([...faults.values()]);
}

/** Of the two spellings, lower case wins, as in other programs. */
function lowerCaseProxies(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];
  const found = names.map((name) => [name, env[name.toLowerCase()]] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => Boolean(pair[1])));
}
