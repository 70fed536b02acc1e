import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../support/client.js';

const PATIENCE_MS = 40_000;

/** What went wrong before a good response: `network`, or the HTTP status → how often. */
export const refusals = new Map<string, number>();

/**
 * Retries until the response is below 500, like a client that lives through restarts. For requests that can be
 * repeated.
 */
export async function persistently(ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer && answer.status < 500) return answer;
    const what = answer ? `${answer.status} ${String(answer.body?.code)}` : 'network';
    refusals.set(what, (refusals.get(what) ?? 0) + 1);
    if (performance.now() > deadline) throw new Error(`No good answer in ${PATIENCE_MS} ms, but: ${what}`);
    await delay(20);
  }
}
