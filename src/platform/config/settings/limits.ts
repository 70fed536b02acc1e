import { z } from 'zod';
import { positive } from './rules.js';

const budget = z.coerce.number().positive().optional();

/** How much one caller may ask for. */
export const limitSettings = {
  RATE_LIMIT_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe(
      'Requests a minute of each user, or of each address if the user is not proved by a login; 0: no limit. Unset: 100, but none for this machine itself (loopback) while `AUTH_MODE` is `none`',
    ),
  TRUST_PROXY: z
    .string()
    .default('loopback')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine(
      (parts) => parts.every(isProxy),
      'must be addresses, subnets, or loopback, linklocal, uniquelocal',
    )
    .describe(
      'Proxies whose `X-Forwarded-For` tells the address of a client: addresses and subnets, `loopback`, `linklocal`, `uniquelocal`, separated by commas',
    ),
  BUDGET_MESSAGES_PER_DAY: positive.optional().describe('Messages of one user a day (UTC); unset: no limit'),
  BUDGET_TOKENS_PER_DAY: positive
    .optional()
    .describe('Tokens that the runs of one user may use a day (UTC) before further messages are refused'),
  BUDGET_COST_PER_DAY: budget.describe(
    'What the runs of one user may cost a day (UTC), in the currency of `MODEL_PRICES_FILE`, before further messages are refused',
  ),
};

const NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);

function isProxy(text: string): boolean {
  if (NAMES.has(text)) return true;
  const [address = '', bits, more] = text.split('/');
  const version = z.ipv4().safeParse(address).success ? 32 : z.ipv6().safeParse(address).success ? 128 : 0;
  if (version === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= version);
}
