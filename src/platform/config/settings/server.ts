import path from 'node:path';
import { z } from 'zod';
import { port, positive, bytes, matching } from './rules.js';

/** Address, data, limits on what clients send, logging. */
export const serverSettings = {
  PORT: port.default(8000).describe('TCP port of the HTTP server; 0 picks a free one'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.data')
    .transform((dir) => path.resolve(dir))
    .describe('Folder of the embedded database'),
  MONGODB_URI: matching(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional()
    .describe('Connection string of MongoDB; unset: the embedded engine under `DATA_DIR`'),
  MONGODB_DATABASE: matching(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, "_" and "-"')
    .default('reprise')
    .describe('Database name'),
  CONTENT_MAX_CHARS: positive.default(100_000).describe('Characters of one message'),
  METADATA_MAX_BYTES: bytes.default(16_384).describe('Bytes of `metadata` as JSON'),
  TITLE_MAX_CHARS: positive.default(200).describe('Characters of a chat title'),
  INSTRUCTIONS_MAX_CHARS: positive
    .default(20_000)
    .describe('Characters of the instructions that a user gives to a chat'),
  BODY_MAX_BYTES: bytes.default(1_048_576).describe('Bytes of a request body'),
  DOCUMENT_MAX_CHARS: positive.default(900_000).describe('Characters of one document'),
  CORS_ORIGINS: z
    .string()
    .optional()
    .transform(
      (text) =>
        text
          ?.split(',')
          .map((origin) => origin.trim())
          .filter(Boolean) ?? [],
    )
    .describe(
      'Comma-separated origins from which browsers may call the API; `*` for any; unset: same origin only',
    ),
  LOG_LEVEL: z
    .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
    .default('info')
    .describe('Minimum severity of log lines'),
  LOG_FORMAT: z
    .enum(['auto', 'json', 'text'])
    .default('auto')
    .describe('Format of log lines: JSON, or text for people; `auto`: text if standard output is a terminal'),
};
