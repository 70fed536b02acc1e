import { isJsonObject } from '../../common/index.js';

// Readers that never reject: what a server sends in another shape counts as left out.

/** A JSON object whose fields are unknown. */
export type Fields = Record<string, unknown>;

/** More than any answer costs; sums stay far below what a number can represent. */
const MAX_TOKENS = 1e12;

export const toFields = (value: unknown): Fields => (isJsonObject(value) ? value : {});
export const toList = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
export const toText = (value: unknown): string => (typeof value === 'string' ? value : '');
export const toId = (value: unknown): string => (typeof value === 'number' ? String(value) : toText(value));

/** A whole number from 0, or its digits. */
export function toIndex(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** A count, or its digits. */
export function toCount(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return undefined;
  return Math.min(Math.trunc(number), MAX_TOKENS);
}

/** JSON of an external value; empty if there is none, or if it is nested too deeply to be written. */
export function toJson(value: unknown): string {
  try {
    return value === undefined || value === null ? '' : JSON.stringify(value);
  } catch {
    return '';
  }
}
