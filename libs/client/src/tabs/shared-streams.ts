import type { StreamEvent } from '@reprise/protocol';
import type { FollowOptions } from '../run-follower.js';
import type { RunSource, StreamStrategy } from '../run-source.js';
import { tabLocks } from './locks.js';
import { Presence } from './presence.js';
import { SharedFollower } from './shared-follower.js';
import type { TabLocks } from './tab-locks.js';

/** How the tabs of a browser share their streams. */
export interface SharedStreamsOptions {
  /**
   * Tabs with the same string share streams. Include who is logged in: events pass from tab to tab without the server
   * seeing who reads them. Default `''`: every tab of the origin.
   */
  scope?: string | undefined;
  /**
   * The most streams all tabs together may have open. Over HTTP/1.1 a browser opens six connections to a host; the
   * rest remain free for requests. Default 3.
   */
  most?: number | undefined;
}

const MOST_STREAMS = 3;

/**
 * Allows all tabs of a browser to follow runs over few connections. One tab reads a run and passes its events on; if
 * it is closed, crashes or is hidden, another tab continues from its own last event. Hidden tabs read nothing, and
 * resume when they are shown. Runs beyond {@link SharedStreamsOptions.most} are polled with short requests until a
 * stream is free.
 *
 * Needs `BroadcastChannel`, and Web Locks or `localStorage`; if these are missing, and outside of pages, every
 * follower has its own connection.
 */
export function sharedStreams({
  scope = '',
  most = MOST_STREAMS,
}: SharedStreamsOptions = {}): StreamStrategy {
  const isPage = 'document' in globalThis && typeof BroadcastChannel === 'function';
  const locks = isPage ? tabLocks() : null;
  return locks
    ? new SharedStreams(locks, scope, most)
    : { batches: (source, options) => source.stream(options) };
}

class SharedStreams implements StreamStrategy {
  private readonly presence = new Presence();
  private readonly slots: readonly string[];

  constructor(
    private readonly locks: TabLocks,
    private readonly scope: string,
    most: number,
  ) {
    // Browsers count connections per host, not per user.
    this.slots = Array.from({ length: most }, (_, index) => `reprise stream ${index}`);
  }

  batches(source: RunSource, options: FollowOptions): AsyncGenerator<StreamEvent[], void, undefined> {
    const { locks, presence, slots } = this;
    const name = `reprise run ${this.scope} ${source.messageId}`;
    return new SharedFollower({ locks, presence, slots, name }, source, options).batches();
  }
}
