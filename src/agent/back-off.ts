const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before trying again: 1 s, 2 s, 4 s … 30 s with half of it at random, so that many runs that failed
 * together do not come back together; at least what the provider asked for.
 * @param failures how often it failed, from 1.
 */
export function backOffMs(failures: number, retryAfterMs = 0): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  const jittered = Math.round(ceiling / 2 + (Math.random() * ceiling) / 2);
  return Math.max(jittered, retryAfterMs);
}
