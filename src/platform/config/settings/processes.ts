import { z } from 'zod';
import { ms, matching } from './rules.js';

/** Several processes; starting, stopping and readiness of one. */
export const processSettings = {
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
};
