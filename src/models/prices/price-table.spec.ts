import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { YamlFileError } from '../../platform/config/index.js';
import { PriceTable, type ModelSpending } from './price-table.js';
import { readPricesFile } from './prices-file.js';

const folder = mkdtempSync(join(tmpdir(), 'prices-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileOf(text: string): string {
  const path = join(folder, 'prices.yaml');
  writeFileSync(path, text);
  return path;
}

const PRICES = `
currency: EUR
models:
  openai:gpt-5: { input: 1.25, cached_input: 0.125, output: 10 }
  claude-opus-4-5: { input: 5, cached_input: 0.5, cache_write: 6.25, output: 25 }
  openai:cheap: { input: 0.1, output: 0.2 }
`;

const used = (model: string, prompt_tokens: number, completion_tokens: number, more = {}): ModelSpending => ({
  model,
  prompt_tokens,
  completion_tokens,
  total_tokens: prompt_tokens + completion_tokens,
  ...more,
});

describe('a price table', () => {
  const table = new PriceTable(readPricesFile(fileOf(PRICES)));
  it.each([
    ['one model', [used('openai:gpt-5', 1_000_000, 100_000)], 2.25],
    ['cached tokens', [used('openai:gpt-5', 1_000_000, 0, { cached_tokens: 400_000 })], 0.8],
    [
      'cached tokens written and read',
      [used('anthropic:claude-opus-4-5', 100, 10, { cached_tokens: 40, cache_write_tokens: 20 })],
      0.000595,
    ],
    ['no price for the cache', [used('openai:cheap', 10, 0, { cached_tokens: 5 })], 0.000001],
    ['what floating point adds up to 0.30000000000000004', [used('openai:cheap', 1_000_000, 1_000_000)], 0.3],
    ['two models', [used('openai:gpt-5', 8, 1), used('anthropic:claude-opus-4-5', 2, 1)], 0.000055],
    ['one of them offline', [used('openai:gpt-5', 8, 0), used('offline', 1000, 1000)], 0.00001],
    ['more cached than asked', [used('openai:gpt-5', 10, 0, { cached_tokens: 20 })], 0.0000025],
  ])('counts %s', (_name, spent, amount) => {
    expect(table.costOf(spent)).toEqual({ currency: 'EUR', amount });
  });

  it.each([
    ['a model has no price', [used('openai:gpt-5', 1, 1), used('openai:unknown', 1, 1)]],
    ['nothing was used', []],
  ])('says nothing if %s', (_name, spent) => {
    expect(table.costOf(spent)).toBeUndefined();
  });

  it('says nothing without a file', () => {
    expect(new PriceTable().costOf([used('openai:gpt-5', 1, 1)])).toBeUndefined();
  });
});

describe('a file of prices', () => {
  it('may be JSON', () => {
    const text = '{"currency":"USD","models":{"m":{"input":1,"output":2}}}';
    expect(readPricesFile(fileOf(text)).models['m']).toEqual({ input: 1, output: 2 });
  });

  it.each([
    ['a currency that is none', 'currency: dollars\nmodels: {}', /line 1: .*currency/],
    ['a negative price', 'currency: USD\nmodels:\n  m: { input: -1, output: 2 }', /line 3: .*input/],
    ['a price that is missing', 'currency: USD\nmodels:\n  m: { input: 1 }', /line 3: .*output/],
    [
      'a field that nobody knows',
      'currency: USD\nmodels:\n  m: { input: 1, output: 2, price: 3 }',
      /line 3: .*price/,
    ],
    ['no YAML', 'currency: [', /line \d/],
  ])('with %s is refused with its line', (_name, text, message) => {
    const read = () => readPricesFile(fileOf(text));
    expect(read).toThrow(YamlFileError);
    expect(read).toThrow(message);
  });
});
