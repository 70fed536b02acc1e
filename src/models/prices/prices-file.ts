import { z } from 'zod';
import { readYamlFile } from '../../platform/config/index.js';

const price = z.number().min(0).max(1_000_000);

const modelPrice = z.strictObject({
  input: price.describe('Per million tokens of the request'),
  cached_input: price.optional().describe('… that the provider read from its cache; default: as `input`'),
  cache_write: price.optional().describe('… that the provider wrote to its cache; default: as `input`'),
  output: price.describe('Per million tokens of the answer, thinking included'),
});

/** The file of prices (`MODEL_PRICES_FILE`). */
export const pricesFileSchema = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be a currency code of three capital letters, e.g. USD')
    .describe('ISO 4217, for all prices'),
  models: z
    .record(z.string().min(1).max(200), modelPrice)
    .describe('By `provider:model`, or by the name of the model alone'),
});

/** The contents of the file. */
export type PricesFile = z.output<typeof pricesFileSchema>;

/** What one model costs, per million tokens. */
export type ModelPrice = z.output<typeof modelPrice>;

/** Reads the file. @throws YamlFileError with a sentence for each fault. */
export function readPricesFile(file: string): PricesFile {
  return readYamlFile(file, pricesFileSchema);
}
