import { z } from 'zod';
import { positive, ms } from './rules.js';

/** How long and how much an agent may work. */
export const runSettings = {
  RUN_CONCURRENCY: positive.max(10_000).default(64).describe('Runs that one process executes at a time'),
  RUN_MAX_ATTEMPTS: positive.max(100).default(3).describe('Attempts of one run before it ends with an error'),
  RUN_TIMEOUT_MS: ms.default(600_000).describe('Time limit of one run, ms'),
  RUN_LEASE_MS: ms
    .min(500)
    .default(15_000)
    .describe('Time without a sign of life from its worker after which a run counts as orphaned, ms'),
  RUN_MAX_STEPS: positive.max(1000).default(24).describe('Model turns in one run'),
  RUN_MAX_OUTPUT_CHARS: positive.default(400_000).describe('Characters of the answer of one run'),
  HISTORY_MAX_MESSAGES: positive.default(40).describe('Messages of the conversation passed to the model'),
  HISTORY_MAX_TOKENS: positive
    .default(16_000)
    .describe('Tokens (estimated) of the conversation passed to the model'),
  HISTORY_SUMMARIES: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe(
      'Whether the model summarises what is beyond these limits, after an answer, for the next ones (docs/history.md); `auto`: unless the offline model answers',
    ),
  QUEUE_MAX: positive.default(10_000).describe('Unfinished runs of all chats; more are rejected'),
  QUEUE_MAX_PER_CHAT: positive.default(20).describe('Unfinished runs of one chat; more are rejected'),
};
