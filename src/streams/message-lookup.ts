import type { Scope } from '../common/index.js';

/** What streams need to know of one message. */
export interface LookedUpMessage {
  chat_id: string;
  /** Its log was kept as long as logs are kept: there is nothing to be read any more. */
  expired: boolean;
}

/** What streams need to know of messages. Implemented by `messages`, which may not be imported from here. */
export abstract class MessageLookup {
  /**
   * A message that has a run: a question, not an answer.
   * @throws AppError 404 `message_not_found`.
   */
  abstract find(scope: Scope, messageId: string): Promise<LookedUpMessage>;
}
