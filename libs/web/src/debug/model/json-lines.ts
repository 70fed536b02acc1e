import type { Row } from './rows.js';

/** One event a line, as the server gave them. */
export function toJsonLines(rows: readonly Row[]): string {
  return rows.map(({ json }) => `${json}\n`).join('');
}

/** Name of the file they are saved under. */
export const jsonLinesName = (messageId: string): string => `reprise-${messageId}.jsonl`;
