import { z } from 'zod';
import { positive, bytes, ms } from './rules.js';

/** Limits on tools. */
export const toolSettings = {
  TOOL_TIMEOUT_MS: ms.default(60_000).describe('Time limit of one tool call, ms'),
  TOOL_STATUS_MS: ms
    .default(10_000)
    .describe(
      'While a tool call or a wait for the model lasts longer than this, a `status` event is emitted this often, ms',
    ),
  TOOL_RESULTS_MAX_TOKENS: positive
    .default(80_000)
    .describe(
      'Tokens (estimated) of tool results that one run passes to the model; the oldest are clipped first',
    ),
  EVENT_PAYLOAD_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .default(16_384)
    .describe(
      "Bytes up to which a tool call's arguments, and its result, are part of its events; longer ones have only a summary there",
    ),
  WORKSPACE_MAX_BYTES: bytes.default(5_242_880).describe("Total bytes of all files in one chat's workspace"),
};
