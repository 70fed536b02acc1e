import { RepriseClient } from '@reprise/client';
import { sharedStreams } from '@reprise/client/tabs';
import { visitor } from './session.js';
import { readStored, store } from './stored.js';

/** A person is watching: rather a few failed attempts than a wait after the server is back. */
const LONGEST_WAIT_MS = 4000;

/** A person is waiting: after this long the page says that the server did not answer. */
export const PATIENCE_MS = 15_000;

/** A server accepts a hundred at a time on one HTTP/2 connection. */
const MANY_STREAMS = 32;

/** Who uses this browser: whom the login names, or, if the server asks nobody, an id that the first visit generates. */
export const userId: string =
  visitor.kind === 'user' ? visitor.userId : (readStored('reprise.user') ?? newUser());

/** The server that served this page. */
export const reprise = new RepriseClient({
  longestWaitMs: LONGEST_WAIT_MS,
  timeoutMs: PATIENCE_MS,
  streams: sharedStreams({ scope: userId, most: hasRoom() ? MANY_STREAMS : undefined }),
});

/** Over HTTP/2 and 3 all requests to a host share one connection, so streams do not block other requests. */
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
