const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next attempt: 1 s, 2 s, 4 s … 30 s, half of it random, so that runs that failed together
 * do not retry together; at least what the provider asked for.
 * @param failures the number of failures, from 1.
 */
export function backOffMs(failures: number, retryAfterMs = 0): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  const jittered = Math.round(ceiling / 2 + (Math.random() * ceiling) / 2);
  return Math.max(jittered, retryAfterMs);
}
