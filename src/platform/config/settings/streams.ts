import { z } from 'zod';
import { positive, bytes, ms } from './rules.js';

/** The streams, and how long logs are kept. */
export const streamSettings = {
  STREAM_HEARTBEAT_MS: ms
    .default(15_000)
    .describe('Silence on a stream after which the server sends a comment, ms'),
  STREAM_RETRY_MS: ms.default(1000).describe('Reconnection time announced to stream clients, ms'),
  STREAM_STALL_MS: ms
    .default(60_000)
    .describe('The server disconnects a client that reads nothing for this long, ms'),
  STREAMS_MAX: positive.default(20_000).describe('Streams that one process serves at a time'),
  STREAMS_MAX_PER_MESSAGE: positive.default(5000).describe('Streams of one message in one process'),
  EVENT_RETENTION_DAYS: z.coerce
    .number()
    .positive()
    .max(36_500)
    .optional()
    .describe(
      'Days (fractions allowed) to keep the log and the tool calls of a run after it has ended; unset: no limit',
    ),
  AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .positive()
    .max(36_500)
    .default(365)
    .describe('Days (fractions allowed) to keep entries of the audit log'),
  SESSION_TTL_MS: ms
    .default(1_800_000)
    .describe('Time after its last activity that a session of `/chat` expires, ms; its chat stays'),
  TEMPORARY_CHAT_HOURS: z.coerce
    .number()
    .positive()
    .max(87_600)
    .default(24)
    .describe(
      'Hours (fractions allowed) after which a chat is deleted whose client keeps its conversations itself (OpenAI)',
    ),
  LOG_CACHE_BYTES: bytes.default(67_108_864).describe('Bytes of memory for caching the logs of ended runs'),
};
