import type { StreamEvent } from '@reprise/protocol';
import type { FollowOptions } from './follow.js';

/** Where the events of one run come from: one server, one run. */
export interface RunSource {
  readonly messageId: string;
  /** The server's stream, over as many connections as it takes. Ends like {@link StreamStrategy.batches}. */
  stream(options: FollowOptions): AsyncGenerator<StreamEvent[], void, undefined>;
  /**
   * What the log holds by now behind the event `after`: a request that ends.
   * @throws RepriseError
   */
  read(options: { after: string | null; signal: AbortSignal }): Promise<StreamEvent[]>;
}

/** Decides how runs are followed. Without one every follower has a connection of its own. */
export interface StreamStrategy {
  /**
   * The events behind `options.after` in order, each once, up to `end` or until the signal is aborted.
   * @throws RepriseError when asking again would change nothing.
   */
  batches(source: RunSource, options: FollowOptions): AsyncGenerator<StreamEvent[], void, undefined>;
}
