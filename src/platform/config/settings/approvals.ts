import { hasCredentials, ms, optionalText, optionalUrl } from './rules.js';

/** A key by the Standard Webhooks specification: `whsec_` and the base64 of 24 to 64 bytes. */
const KEY = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isKey(text: string): boolean {
  const bytes = Buffer.from(text.slice('whsec_'.length), 'base64').length;
  return KEY.test(text) && bytes >= 24 && bytes <= 64;
}

/** How people approve tool calls, and how they learn of them. */
export const approvalSettings = {
  APPROVAL_TTL_MS: ms
    .max(8_640_000_000)
    .default(86_400_000)
    .describe('Time after which a tool call that nobody has approved or rejected expires, ms'),
  APPROVAL_WEBHOOK_URL: optionalUrl
    .refine((url) => url === undefined || !hasCredentials(url), 'must not contain a user name or a password')
    .describe('Where calls that need approval are reported (docs/approvals.md)'),
  APPROVAL_WEBHOOK_SECRET: optionalText
    .transform((text) => text?.split(/[\s,]+/).filter((key) => key !== ''))
    .refine(
      (keys) => keys === undefined || keys.every(isKey),
      'must be `whsec_` and the base64 of 24 to 64 bytes, e.g. from `echo whsec_$(openssl rand -base64 32)`; for a rotation several, separated by commas',
    )
    .describe('Keys that sign these reports: `whsec_` and base64; with several, each signs'),
  APPROVAL_WEBHOOK_RETRY_MS: ms
    .max(3_600_000)
    .default(5000)
    .describe('Pause after a report that was not accepted, ms; it doubles each time, up to ten minutes'),
};
