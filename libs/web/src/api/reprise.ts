import { RepriseClient } from '@reprise/client';
import { readStored, store } from './stored.js';

/** A person looks on: better some connections in vain than a wait after the server is back. */
const LONGEST_WAIT_MS = 4000;

/** The server that this page came from. */
export const reprise = new RepriseClient({ longestWaitMs: LONGEST_WAIT_MS });

/** Who uses this browser: nobody logs in yet, so the first visit makes up an id that stays. */
export const userId: string = readStored('reprise.user') ?? newUser();

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
