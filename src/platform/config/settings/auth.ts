import { z } from 'zod';
import { isHostName } from './host-name.js';
import {
  flag,
  hasCredentials,
  list,
  matching,
  ms,
  optionalText,
  optionalUrl,
  refuseUncarriable,
} from './rules.js';

/** A secret of random characters, so long that nobody guesses it. */
const secret = (chars: number) =>
  optionalText.refine(
    (text) => text === undefined || text.length >= chars,
    `must have at least ${chars} characters, e.g. from \`openssl rand -base64 32\``,
  );

/** Who gets in. */
export const authSettings = {
  AUTH_MODE: z
    .enum(['none', 'accounts', 'jwt'])
    .default('none')
    .describe(
      'How people are known (docs/authentication.md): `none`: everybody may do everything; `accounts`: by accounts of this server; `jwt`: by the tokens of an identity provider',
    ),
  ALLOW_INSECURE: flag.describe(
    '`1`: listen on more than loopback although `AUTH_MODE` is `none`: something else keeps strangers away',
  ),
  HOSTS: list
    .refine(
      (hosts) => hosts.every(isHostName),
      'must be host names, separated by commas, e.g. chat.example.com',
    )
    .describe(
      'Comma-separated names under which the server is reached, besides loopback names and its own addresses; with `AUTH_MODE=none` requests for other names get 421',
    ),
  AUTH_JWT_SECRET: secret(32).describe('With `jwt`: the secret with which tokens are signed (HS256)'),
  AUTH_JWKS_URL: optionalUrl
    .refine((url) => url === undefined || !hasCredentials(url), 'must not contain a user name or a password')
    .describe('With `jwt`, instead of `AUTH_JWT_SECRET`: where the public keys of the identity provider are'),
  AUTH_JWKS_COOLDOWN_MS: ms
    .default(2000)
    .describe('Shortest time between two looks for a key that is not known, ms'),
  AUTH_JWKS_TIMEOUT_MS: ms.max(60_000).default(5000).describe('Time limit for reading the keys, ms'),
  AUTH_ISSUER: optionalText.describe('The `iss` that tokens must have; unset: any'),
  AUTH_AUDIENCE: list.describe(
    'The `aud` that tokens must have, one of these, separated by commas; unset: any',
  ),
  AUTH_TENANT_CLAIM: z
    .string()
    .trim()
    .min(1)
    .default('tenant_id')
    .describe('The claim that names the tenant; a token without it belongs to the tenant `default`'),
  AUTH_CLOCK_TOLERANCE_S: z.coerce
    .number()
    .int()
    .min(0)
    .max(600)
    .default(5)
    .describe('By how much the clocks of the identity provider and this server may differ, s'),
  AUTH_COOKIE: matching(/^[!#$%&'*+.^_`|~\w-]+$/, 'must be the name of a cookie, without spaces')
    .default('reprise_session')
    .describe(
      'Name of the cookie in which a browser sends its login; with `accounts` and TLS, `__Host-` is put before it',
    ),
  AUTH_LOGIN_URL: optionalUrl.describe('With `jwt`: where the page sends people who are not logged in'),
  TICKET_SECRET: secret(32).describe(
    'Signs the tickets in stream addresses and the tokens of agents; unset: a key that the first process stores in the database',
  ),
  TICKET_GRACE_MS: ms
    .max(86_400_000)
    .default(300_000)
    .describe('How long a ticket is valid after it was issued, and after its run has ended, ms'),
  AI_AGENT_SECRET: secret(12).describe(
    'With it agents log in at `/ai-agent/{tenant_id}/{project_id}/login`; unset: they cannot',
  ),
  METRICS_TOKEN: optionalText
    .superRefine(refuseUncarriable)
    .describe(
      'Bearer token for `/metrics` and `/health`; unset: they are open with `AUTH_MODE=none`, closed otherwise',
    ),
};

type Given = Readonly<Record<string, string | undefined>>;

/** What is wrong with the settings together: setting → sentence. */
export function authFaults(given: Given): [setting: string, fault: string][] {
  if (given['AUTH_MODE'] !== 'jwt') return [];
  const keys = ['AUTH_JWT_SECRET', 'AUTH_JWKS_URL'].filter((name) => given[name] !== undefined);
  if (keys.length === 1) return [];
  const fault =
    keys.length === 0
      ? 'AUTH_JWT_SECRET or AUTH_JWKS_URL must be set because AUTH_MODE is "jwt".'
      : 'AUTH_JWT_SECRET must not be set together with AUTH_JWKS_URL: a token has one kind of key.';
  return [['AUTH_JWT_SECRET', fault]];
}
