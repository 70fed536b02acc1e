import type { StreamEvent } from '@reprise/protocol';
import type { FollowOptions } from './run-follower.js';

/** Where the events of one run come from: one server, one run. */
export interface RunSource {
  readonly messageId: string;
  /** The server's stream, over as many connections as it takes. Ends like {@link StreamStrategy.batches}. */
  stream(options: FollowOptions): AsyncGenerator<StreamEvent[], void, undefined>;
  /**
   * The events stored so far after the event `after`: a request that returns at once.
   * @throws RepriseError
   */
  read(options: { after: string | null; signal: AbortSignal }): Promise<StreamEvent[]>;
}

/** Decides how runs are followed. Without one, every follower has its own connection. */
export interface StreamStrategy {
  /**
   * The events after `options.after`, in order and exactly once, up to `end` or until the signal is aborted.
   * @throws RepriseError when a retry would change nothing.
   */
  batches(source: RunSource, options: FollowOptions): AsyncGenerator<StreamEvent[], void, undefined>;
}
