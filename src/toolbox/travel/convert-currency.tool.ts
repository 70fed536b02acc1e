import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Settings } from '../../platform/config/index.js';
import { Tool, ToolError, type ToolContext, type ToolResult } from '../../tools/index.js';
import { JsonApi } from '../shared/json-api.js';
import { CALL_TIMEOUT_MS } from '../shared/limits.js';

const code = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as "USD"');
const parameters = z.object({
  amount: z.number().min(0).max(1e15).describe('As a number, such as 100'),
  from_currency: code.describe('ISO 4217 code, such as "USD"'),
  to_currency: code.describe('ISO 4217 code, such as "JPY"'),
  date: z.iso.date().optional().describe('Day of the rate, YYYY-MM-DD; default: the latest'),
});
type Arguments = z.output<typeof parameters>;

const answer = z.object({ date: z.iso.date(), rates: z.record(z.string(), z.number().positive()) });

/** Reference rates of central banks: one each working day. */
@Injectable()
export class ConvertCurrencyTool {
  constructor(
    private readonly settings: Settings,
    private readonly api: JsonApi,
  ) {}

  @Tool({
    name: 'convert_currency',
    label: 'Convert money',
    description: 'Converts an amount of money with the reference rate of a working day, as JSON.',
    parameters,
    idempotent: true,
    timeout_ms: CALL_TIMEOUT_MS,
  })
  async convert(args: Arguments, { signal }: ToolContext): Promise<ToolResult> {
    const { amount, from_currency, to_currency } = args;
    const { rate, date } =
      from_currency === to_currency ? { rate: 1, date: args.date } : await this.rate(args, signal);
    const converted = rounded(amount * rate, to_currency);
    return {
      json: { amount, from_currency, to_currency, rate, converted_amount: converted, ...(date && { date }) },
      summary: `${amount} ${from_currency} = ${converted} ${to_currency}`,
      sources: [{ title: 'Exchange rates by Frankfurter', url: 'https://frankfurter.dev/' }],
    };
  }

  private async rate(args: Arguments, signal: AbortSignal): Promise<{ rate: number; date: string }> {
    const { from_currency, to_currency, date = 'latest' } = args;
    const url = new URL(`${this.settings.CURRENCY_URL.replace(/\/+$/, '')}/${date}`);
    url.searchParams.set('base', from_currency);
    url.searchParams.set('symbols', to_currency);
    const found = await this.api
      .ask({ peer: 'The service for exchange rates', setting: 'CURRENCY_URL', url, answer, signal })
      .catch((error: unknown) => {
        // 404: it does not know the currency or the day
        throw error instanceof ToolError && error.code === 'rejected' ? noRate(args) : error;
      });
    const rate = found.rates[to_currency];
    if (rate === undefined) throw noRate(args);
    return { rate, date: found.date };
  }
}

function noRate({ from_currency, to_currency, date }: Arguments): ToolError {
  const day = date === undefined ? '' : ` on ${date}`;
  return new ToolError(
    `There is no rate from ${from_currency} to ${to_currency}${day}. Check the codes and the day.`,
    'no_rate',
  );
}

/** To the smallest unit of the currency: the yen has no decimals. */
function rounded(amount: number, currency: string): number {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return Number(amount.toFixed(maximumFractionDigits));
}
