import { signOut } from '../api/people.js';

const CHANNEL = 'reprise-sign-out';

/** Other tabs of this browser have lost their login, too: they show that at once. */
export function followSignOuts(): void {
  if (typeof BroadcastChannel === 'undefined') return;
  new BroadcastChannel(CHANNEL).addEventListener('message', () => {
    location.reload();
  });
}

/** Ends the login of this browser, or all of the person's. Does not return. */
export async function leave(everywhere = false): Promise<void> {
  await signOut(everywhere);
  if (typeof BroadcastChannel !== 'undefined') new BroadcastChannel(CHANNEL).postMessage('out');
  location.assign('/');
}
