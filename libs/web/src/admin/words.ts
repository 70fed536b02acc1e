import type { Cost } from '../api/admin.js';

/** `token_created` → `token created` */
export const words = (name: string): string => name.replaceAll('_', ' ');

/** Amounts of money: `0.42 USD`, several joined with a plus. */
export function formatCosts(costs: readonly Cost[]): string {
  return costs.map(formatCost).join(' + ') || '–';
}

export function formatCost({ amount, currency }: Cost): string {
  const digits = amount !== 0 && Math.abs(amount) < 0.01 ? 6 : 2;
  return `${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: digits })} ${currency}`;
}
