/** What {@link withTimeout} returns if the time ran out first. */
export const LATE = Symbol('late');

/**
 * Waits for work, but not longer than `ms`. The work itself continues.
 * @returns its result, or {@link LATE}.
 * @throws what the work throws in time.
 */
export async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, ms, LATE);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
