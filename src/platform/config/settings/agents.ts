import path from 'node:path';
import { z } from 'zod';
import { optionalText, optionalUrl, positive } from './rules.js';

/** Which agents there are, and how they start each other. */
export const agentSettings = {
  AGENTS_FILE: optionalText
    .transform((file) => (file === undefined ? undefined : path.resolve(file)))
    .describe(
      'YAML file with the agents of this deployment (docs/agents.md), read again on SIGHUP; unset: one assistant for the documents',
    ),
  AI_AGENT_SERVICE_URL: optionalUrl.describe('Where `remote` agents without a `url` are asked'),
  AGENT_MAX_DEPTH: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(3)
    .describe('How deep agents may start each other; 0: not at all'),
  AGENT_MAX_DELEGATES: positive
    .default(16)
    .describe('Agents that one run may start by itself, at all levels'),
};
