import { z } from 'zod';
import { optionalText, optionalUrl, port, refuseUncarriable } from './rules.js';

/** `name=value,name=value`; values are percent-encoded. @param must what is required, as the end of a sentence. */
const pairs = (must: string) =>
  z
    .string()
    .default('')
    .transform((text, context) => {
      const parts = text.split(',').map((part) => part.trim());
      const read = parts.filter(Boolean).map((part) => /^([^=\s]+)\s*=\s*(.*)$/.exec(part));
      if (read.every((match) => match !== null && decoded(match[2] ?? '') !== undefined))
        return Object.fromEntries(read.map((match) => [match?.[1] ?? '', decoded(match?.[2] ?? '') ?? '']));
      context.addIssue({ code: 'custom', message: must });
      return z.NEVER;
    });

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

const MUST_BE_PAIRS = 'must be a list of name=value, separated by commas, with percent-encoded values';

/** What operators see of a running deployment: docs/observability.md. */
export const observabilitySettings = {
  METRICS_PORT: port
    .optional()
    .describe('TCP port that serves `/metrics` alone, instead of `PORT`; 0 picks a free one'),
  OTEL_EXPORTER_OTLP_ENDPOINT: optionalUrl.describe(
    'Base URL of an OpenTelemetry collector, for traces over OTLP/HTTP; `/v1/traces` is appended. Unset: no traces',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optionalUrl.describe('The same as a whole URL; it wins'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/protobuf', 'http/json'])
    .default('http/protobuf')
    .describe('How spans are encoded'),
  OTEL_EXPORTER_OTLP_HEADERS: pairs(MUST_BE_PAIRS).describe(
    'Headers for the collector: `name=value`, separated by commas, values percent-encoded',
  ),
  OTEL_SERVICE_NAME: z.string().trim().min(1).default('reprise').describe('Name of this service in traces'),
  OTEL_RESOURCE_ATTRIBUTES: pairs(MUST_BE_PAIRS).describe(
    'Attributes of this service in traces, written in the same way',
  ),
  TRACE_SAMPLE_RATIO: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Part of the traces that is recorded, 0 to 1; a client can turn its own off, not on'),
  TRACE_CONTENT: z
    .enum(['on', 'off'])
    .default('off')
    .describe('Whether traces contain what users, models and tools say'),
  LANGSMITH_API_KEY: optionalText
    .superRefine(refuseUncarriable)
    .describe('API key of LangSmith, which then gets the traces, too'),
  LANGSMITH_PROJECT: z
    .string()
    .trim()
    .min(1)
    .default('default')
    .superRefine(refuseUncarriable)
    .describe('Project in LangSmith'),
  LANGSMITH_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .default('https://api.smith.langchain.com')
    .describe('Base URL of LangSmith: of another region, or your own'),
  SENTRY_DSN: optionalUrl.describe(
    'DSN of Sentry, which then gets unexpected errors, without what users said',
  ),
  SENTRY_ENVIRONMENT: z.string().trim().min(1).default('production').describe('Environment named in Sentry'),
};
