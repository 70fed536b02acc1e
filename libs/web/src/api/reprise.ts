import { RepriseClient } from '@reprise/client';
import { sharedStreams } from '@reprise/client/tabs';
import { readStored, store } from './stored.js';

/** A person looks on: better some connections in vain than a wait after the server is back. */
const LONGEST_WAIT_MS = 4000;

/** A person waits for the answer: after this long the page says that none came. */
export const PATIENCE_MS = 15_000;

/** A server takes a hundred at a time on one connection of HTTP/2. */
const MANY_STREAMS = 32;

/** Who uses this browser: nobody logs in yet, so the first visit makes up an id that stays. */
export const userId: string = readStored('reprise.user') ?? newUser();

/** The server that this page came from. */
export const reprise = new RepriseClient({
  longestWaitMs: LONGEST_WAIT_MS,
  timeoutMs: PATIENCE_MS,
  streams: sharedStreams({ scope: userId, most: hasRoom() ? MANY_STREAMS : undefined }),
});

/** Over HTTP/2 and 3 all requests to a host share one connection: streams take none away from others. */
function hasRoom(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return navigation?.nextHopProtocol === 'h2' || navigation?.nextHopProtocol === 'h3';
}

function newUser(): string {
  const id = `web-${randomHex(16)}`;
  store('reprise.user', id);
  return id;
}

/** Random bytes as hexadecimal digits. Not `crypto.randomUUID()`: pages on plain http do not have it. */
export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
