import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 10_000;

/** Polls until the condition returns something, if nothing announces when it happens. Fails after ten seconds. */
export async function until<T>(what: string, condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await delay(5);
  }
}

/** The same promise, but with an error that says what did not happen. */
export async function within<T>(what: string, work: Promise<T>, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Waited in vain: ${what}.`));
    }, ms);
  });
  return Promise.race([work, late]).finally(() => {
    clearTimeout(timer);
  });
}
