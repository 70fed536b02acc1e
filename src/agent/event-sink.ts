import type { EventBody } from '@reprise/protocol';

/** Where the agent reports what it does: the log of one message. Implemented by `runs`. */
export abstract class EventSink {
  /**
   * Appends one event after all those emitted before. Resolves when it is durable; callers that only stream need not
   * wait. Consecutive `content` may be merged.
   * @throws if this run no longer holds its log (another worker took it over, or it was ended).
   */
  abstract emit(body: EventBody): Promise<void>;
}
