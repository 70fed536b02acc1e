import { z } from 'zod';
import { bytes, list, matching, ms, optionalText, optionalUrl, refuseUncarriable } from './rules.js';

const KEYLESS = ['fetch_page', 'geocode', 'weather', 'convert_currency'] as const;
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;
const DATABASE_PROTOCOL = /^postgres(ql)?:\/\//;

/** The tools that reach out of this deployment. Each is off until it is configured. */
export const toolboxSettings = {
  TOOLBOX: list
    .refine(
      (names) => names.every((name) => (KEYLESS as readonly string[]).includes(name)),
      `must be a comma-separated list of ${KEYLESS.join(', ')}`,
    )
    .describe(`Comma-separated tools to offer that need no key: \`${KEYLESS.join('`, `')}\``),
  TOOLBOX_TIMEOUT_MS: ms
    .max(55_000)
    .default(20_000)
    .describe('Longest that a call of such a tool waits for a site, an API, a mail server or a database, ms'),
  FETCH_MAX_BYTES: bytes
    .max(50_000_000)
    .default(5_242_880)
    .describe('Bytes of a page that `fetch_page` reads, before and after decompression'),
  FETCH_ALLOW_HOSTS: list
    .refine(
      (hosts) => hosts.every((host) => HOST.test(host)),
      'must be a comma-separated list of host names or addresses, each optionally with a port; IPv6 in brackets',
    )
    .describe(
      'Comma-separated hosts, optionally with a port, that `fetch_page` may read although their address is not public',
    ),
  WEB_SEARCH_PROVIDER: z
    .enum(['serper', 'tavily', 'searxng'])
    .optional()
    .describe(
      'Turns on `web_search`: `serper` and `tavily` need `WEB_SEARCH_API_KEY`, `searxng` needs `WEB_SEARCH_URL`',
    ),
  WEB_SEARCH_API_KEY: optionalText.superRefine(refuseUncarriable).describe('API key of the search provider'),
  WEB_SEARCH_URL: optionalUrl.describe(
    "Base URL of the search provider; unset: the provider's public one (SearXNG has none)",
  ),
  GEOCODE_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://geocoding-api.open-meteo.com/v1/search')
    .describe('Where `geocode` looks up places: an API like that of Open-Meteo'),
  WEATHER_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://api.open-meteo.com/v1/forecast')
    .describe('Where `weather` asks: an API like that of Open-Meteo'),
  CURRENCY_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://api.frankfurter.dev/v1')
    .describe('Where `convert_currency` gets exchange rates: an API like that of Frankfurter'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('Mail server for `send_email`, with user and password: `smtps://user:password@host:465`'),
  EMAIL_FROM: optionalText
    .refine((text) => text === undefined || z.email().safeParse(text).success, 'must be an e-mail address')
    .describe('Sender of e-mails'),
  EMAIL_RECIPIENTS: list
    .refine(
      (all) => all.every((one) => /^(\*|@[^\s@]+|[^\s@]+@[^\s@]+)$/.test(one)),
      'must be a comma-separated list of addresses and of domains like @example.com, or "*"',
    )
    .describe(
      'Comma-separated addresses, and domains like `@example.com`, to which `send_email` may send; `*` for any',
    ),
  IMAP_URL: z
    .url({ protocol: /^imaps?$/ })
    .optional()
    .describe(
      'Mailbox that `search_emails` reads for every user of this deployment: `imaps://user:password@host:993`',
    ),
  DATABASE_QUERY_URL: matching(DATABASE_PROTOCOL, 'must start with postgres:// or postgresql://')
    .optional()
    .describe(
      'PostgreSQL database that `query_database` reads. What its login may read, every user of this deployment may ask for',
    ),
  DATABASE_QUERY_ROLE: matching(/^[^\p{Cc}]{1,63}$/u, 'must be the name of a role')
    .optional()
    .describe(
      'Role that `query_database` takes on (`SET ROLE`). It narrows what queries see; the boundary is what the login may read',
    ),
};

const NEEDS: readonly (readonly [setting: string, needed: string])[] = [
  ['SMTP_URL', 'EMAIL_FROM'],
  ['SMTP_URL', 'EMAIL_RECIPIENTS'],
];
const SEARCH_NEEDS: Readonly<Record<string, string>> = {
  serper: 'WEB_SEARCH_API_KEY',
  tavily: 'WEB_SEARCH_API_KEY',
  searxng: 'WEB_SEARCH_URL',
};

/**
 * Settings that others need and that are missing: their names, each with its sentence.
 * @param given without those that are wrong themselves.
 */
export function missingForToolbox(
  given: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const provider = given['WEB_SEARCH_PROVIDER'] ?? '';
  const needed = SEARCH_NEEDS[provider];
  const faults = new Map<string, string>();
  for (const [setting, name] of NEEDS) {
    if (given[setting] !== undefined && given[name] === undefined)
      faults.set(name, `${name} must be set because ${setting} is.`);
  }
  if (needed !== undefined && given[needed] === undefined)
    faults.set(needed, `${needed} must be set because WEB_SEARCH_PROVIDER is "${provider}".`);
  return faults;
}
