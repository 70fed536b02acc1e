import { z } from 'zod';
import {
  positive,
  ms,
  optionalText,
  optionalUrl,
  choice,
  matching,
  proxy,
  hasCredentials,
  refuseUncarriable,
} from './rules.js';

const PROVIDERS = ['openai', 'anthropic', 'offline'];

/** `provider:model`, separated by commas. */
const modelChain = z
  .string()
  .refine(
    (text) => text.split(',').every((ref) => isModelRef(ref.trim())),
    `must be a list of provider:model, separated by commas, with the providers ${PROVIDERS.join(', ')}`,
  )
  .transform((text) => text.split(',').map((ref) => ref.trim()))
  .optional();

function isModelRef(ref: string): boolean {
  const [, provider, model] = /^([^:]*):(\S.*)$/.exec(ref) ?? [];
  return ref === 'offline' || (model !== undefined && PROVIDERS.includes(provider ?? ''));
}

/** The model provider, and how to reach it. */
export const modelSettings = {
  OPENAI_API_KEY: optionalText
    .superRefine(refuseUncarriable)
    .describe('API key of the model provider; without it (and without a base URL) the offline model answers'),
  OPENAI_BASE_URL: optionalUrl
    .refine((url) => url === undefined || !hasCredentials(url), 'must not contain a user name or password')
    .describe('Base URL of any OpenAI-compatible endpoint'),
  OPENAI_MODEL: z.string().min(1).default('gpt-4.1-mini').describe('Model name sent to the provider'),
  ANTHROPIC_API_KEY: optionalText
    .superRefine(refuseUncarriable)
    .describe('API key of Anthropic, for models `anthropic:NAME` of `MODEL_CHAIN` and of agents'),
  ANTHROPIC_BASE_URL: optionalUrl
    .refine((url) => url === undefined || !hasCredentials(url), 'must not contain a user name or password')
    .describe('Base URL of an endpoint that speaks the Messages API of Anthropic'),
  ANTHROPIC_MAX_TOKENS: positive
    .default(8192)
    .describe('Tokens of one answer, which that API must be told; thinking is added to it'),
  ANTHROPIC_THINKING_TOKENS: z.coerce
    .number()
    .int()
    .min(0)
    .refine((tokens) => tokens === 0 || tokens >= 1024, 'must be 0 or at least 1024')
    .default(0)
    .describe('Tokens that those models may think before they answer; 0: no extended thinking'),
  MODEL_CHAIN: modelChain.describe(
    'Models to ask, in this order, e.g. `openai:gpt-5,anthropic:claude-opus-4-5`: the next one answers when one fails. Providers: `openai` (any compatible endpoint), `anthropic`, `offline`. Unset: `OPENAI_MODEL`, or the offline model',
  ),
  MODEL_PRICES_FILE: optionalText.describe(
    'YAML or JSON file with what models cost, for the `cost` of a run; see docs/models.md',
  ),
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
  MODEL_CIRCUIT_FAILURES: positive
    .default(5)
    .describe(
      'Requests to a model within a minute, at least half of which failed, after which the next model of the chain is asked at once',
    ),
  MODEL_CIRCUIT_MS: ms
    .default(30_000)
    .describe('Time after which one request may find out whether such a model works again, ms'),
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
  MODEL_IMAGES: choice.describe(
    'Whether to send images to the model; `auto`: until its server says that it does not accept them',
  ),
  MODEL_STREAM_USAGE: choice.describe(
    'Whether to ask the model to report tokens (`stream_options`); `auto`: until its server rejects that',
  ),
  CHAT_TITLES: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe(
      'Whether the model gives a chat that nobody has named its title after the first answer; `off`: it keeps the title it has',
    ),
  HTTPS_PROXY: proxy.describe(
    'Proxy for an https:// model endpoint or MCP server; this and the next three also work in lower case',
  ),
  HTTP_PROXY: proxy.describe(
    'Proxy for an http:// model endpoint or MCP server, and for https:// ones if `HTTPS_PROXY` is unset',
  ),
  ALL_PROXY: proxy.describe('Proxy if neither of these is set'),
  NO_PROXY: optionalText.describe(
    'Comma-separated hosts to reach without a proxy, optionally with a port; `*` for all',
  ),
};
