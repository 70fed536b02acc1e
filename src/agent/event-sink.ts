import type { EventBody } from '@reprise/protocol';

/** Where the agent says what it does: the log of one message. Implemented by `runs`. */
export abstract class EventSink {
  /**
   * Appends one event after all emitted before it.
   * Resolves when it is durable; callers that only stream need not wait. Neighbouring `content` may be merged.
   * @throws when this run no longer holds its log (another worker took it, or it was ended).
   */
  abstract emit(body: EventBody): Promise<void>;
}
