import { z } from 'zod';
import { isHostName } from './host-name.js';
import { hasCredentials, list, ms, optionalText, optionalUrl } from './rules.js';

const DAY_MS = 86_400_000;
/** What timers and dates can hold without surprises. */
const YEAR_MS = 365 * DAY_MS;

const attempts = z.coerce.number().int().min(0).max(1_000_000);

/** `AUTH_MODE=accounts`: people with passwords, or with a login at an OpenID provider. */
export const accountSettings = {
  PUBLIC_URL: optionalUrl
    .refine((url) => url === undefined || isOrigin(url), 'must be an origin, e.g. https://chat.example.com')
    .transform((url) => (url === undefined ? undefined : new URL(url).origin))
    .describe(
      'Address under which people reach the server, e.g. `https://chat.example.com`: for set-up links, and required with `OIDC_ISSUER`',
    ),
  LOGIN_IDLE_MS: ms
    .max(YEAR_MS)
    .default(7 * DAY_MS)
    .describe('With `accounts`: a login that is not used for this long ends, ms'),
  LOGIN_MAX_MS: ms
    .max(YEAR_MS)
    .default(30 * DAY_MS)
    .describe('With `accounts`: a login ends after this time at the latest, ms'),
  LOGIN_TOKEN_MS: ms
    .max(DAY_MS)
    .default(3_600_000)
    .describe('With `accounts`: how long an access token of `POST /api/v1/auth/login` is valid, ms'),
  INVITATION_MS: ms
    .max(YEAR_MS)
    .default(7 * DAY_MS)
    .describe('With `accounts`: how long an invitation is valid, ms'),
  LOGIN_ATTEMPTS_PER_ACCOUNT: attempts
    .default(10)
    .describe('Wrong passwords for one email address within 15 minutes; then logins wait. 0: no limit'),
  LOGIN_ATTEMPTS_PER_ADDRESS: attempts
    .default(50)
    .describe('Wrong passwords and links from one address within 15 minutes; then logins wait. 0: no limit'),
  OIDC_ISSUER: optionalUrl
    .refine((url) => url === undefined || !hasCredentials(url), 'must not contain a user name or a password')
    .describe('With `accounts`: OpenID provider with which people can log in, by its issuer URL'),
  OIDC_CLIENT_ID: optionalText.describe('The id under which the provider knows this server'),
  OIDC_CLIENT_SECRET: optionalText.describe(
    'The secret that the provider issued for it; unset: a public client',
  ),
  OIDC_NAME: optionalText.describe('What the button to log in calls the provider; unset: its host name'),
  OIDC_SCOPES: z
    .string()
    .trim()
    .default('openid email profile')
    .refine((text) => text.split(/\s+/).includes('openid'), 'must contain openid')
    .describe('What the provider is asked for'),
  OIDC_DOMAINS: list
    .refine((names) => names.every(isHostName), 'must be domains, separated by commas, e.g. example.com')
    .describe(
      'Comma-separated domains: who has a verified email address there gets an account at the first login; unset: only who was invited',
    ),
  OIDC_ADMIN_CLAIM: optionalText.describe(
    'Claim (a text or a list, e.g. `groups`) that decides at each login who is an administrator',
  ),
  OIDC_ADMIN_VALUE: optionalText.describe('What that claim must be or contain for an administrator'),
};

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { pathname, search, hash, username, password } = new URL(text);
  return [pathname === '/' ? '' : pathname, search, hash, username, password].every((part) => part === '');
}

type Given = Readonly<Record<string, string | undefined>>;

/**
 * What is wrong with these settings together: setting → sentence.
 * @param right those of `given` that are right by themselves
 */
export function accountFaults(given: Given, right: Given): [setting: string, fault: string][] {
  if (given['OIDC_ADMIN_CLAIM'] !== undefined && given['OIDC_ADMIN_VALUE'] === undefined)
    return [['OIDC_ADMIN_CLAIM', 'OIDC_ADMIN_CLAIM must be set together with OIDC_ADMIN_VALUE.']];
  if (right['OIDC_ISSUER'] === undefined) return [];
  const missing = ['OIDC_CLIENT_ID', 'PUBLIC_URL'].filter((name) => given[name] === undefined);
  const faults = missing.map((name): [string, string] => [
    name,
    `${name} must be set because OIDC_ISSUER is.`,
  ]);
  if (given['AUTH_MODE'] !== 'accounts')
    faults.push(['OIDC_ISSUER', 'OIDC_ISSUER must not be set unless AUTH_MODE is "accounts".']);
  return faults;
}
