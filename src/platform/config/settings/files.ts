import { z } from 'zod';
import { bytes, ms, positive } from './rules.js';

/** What users may upload, and how much of it a model is given. */
export const fileSettings = {
  FILE_MAX_BYTES: bytes
    .max(50_000_000)
    .default(20_000_000)
    .describe('Bytes of one uploaded file; a process holds up to 16 of them in memory at a time'),
  FILE_IMAGE_MAX_BYTES: bytes
    .max(50_000_000)
    .default(3_750_000)
    .describe('Bytes of one uploaded image; some providers accept no more than these 5 MB in Base64'),
  FILE_TEXT_MAX_CHARS: positive
    .max(4_000_000)
    .default(2_000_000)
    .describe('Characters of text in one uploaded file'),
  FILE_READ_TIMEOUT_MS: ms.default(20_000).describe('Longest time to find the text of one uploaded PDF, ms'),
  FILE_UNUSED_HOURS: z.coerce
    .number()
    .positive()
    .max(87_600)
    .default(24)
    .describe('Hours (fractions allowed) after which an uploaded file is deleted if no message has it'),
  FILES_MAX_BYTES_PER_USER: positive
    .default(1_073_741_824)
    .describe('Bytes of all files of one user; more are rejected'),
  ATTACHMENTS_MAX: positive.max(100).default(10).describe('Files attached to one message'),
  ATTACHMENTS_MAX_TOKENS: positive
    .default(24_000)
    .describe(
      'Tokens (estimated) of text from attached documents that are passed to the model with the conversation, newest first; it reads the rest with `read_attachment`',
    ),
  ATTACHMENT_IMAGES_MAX_BYTES: bytes
    .max(1_000_000_000)
    .default(16_000_000)
    .describe('Bytes of attached images that are passed to the model with the conversation, newest first'),
};
