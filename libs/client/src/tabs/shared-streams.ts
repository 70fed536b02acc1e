import type { StreamEvent } from '@reprise/protocol';
import type { FollowOptions } from '../follow.js';
import type { RunSource, StreamStrategy } from '../run-source.js';
import { tabLocks } from './locks.js';
import { Presence } from './presence.js';
import { SharedFollower } from './shared-follower.js';
import type { TabLocks } from './tab-locks.js';

/** How the tabs of a browser share their streams. */
export interface SharedStreamsOptions {
  /**
   * Tabs with the same text share. Put in who is logged in: events go from tab to tab without the server seeing who reads
   * them. Default `''`: every tab of the origin.
   */
  scope?: string | undefined;
  /**
   * Streams that all tabs together have open at most. Over HTTP/1.1 a browser opens six connections to a host, and what is
   * left over is for requests. Default 3.
   */
  most?: number | undefined;
}

const MOST_STREAMS = 3;

/**
 * Lets all tabs of a browser follow runs with few connections. One tab reads a run and tells the others; when it closes,
 * crashes or is hidden, another goes on from its own last event. Hidden tabs read nothing, and go on when they are shown.
 * Runs beyond {@link SharedStreamsOptions.most} are read with short requests until a stream is free.
 *
 * Needs `BroadcastChannel`, and Web Locks or `localStorage`; where these are missing, and outside of pages, each follower
 * has a connection of its own.
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
    // Connections are counted for a host, not for a user of it.
    this.slots = Array.from({ length: most }, (_, index) => `reprise stream ${index}`);
  }

  batches(source: RunSource, options: FollowOptions): AsyncGenerator<StreamEvent[], void, undefined> {
    const { locks, presence, slots } = this;
    const name = `reprise run ${this.scope} ${source.messageId}`;
    return new SharedFollower({ locks, presence, slots, name }, source, options).batches();
  }
}
