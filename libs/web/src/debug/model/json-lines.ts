import type { Row } from './rows.js';

/** One event per line, as the server returned them. */
export function toJsonLines(rows: readonly Row[]): string {
  return rows.map(({ json }) => `${json}\n`).join('');
}

/** Name of the downloaded file. */
export const jsonLinesName = (messageId: string): string => `reprise-${messageId}.jsonl`;
