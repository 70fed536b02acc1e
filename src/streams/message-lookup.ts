import type { Scope } from '../common/index.js';

/** What streams need to know about one message. */
export interface LookedUpMessage {
  chat_id: string;
  /** Its log has expired: there is nothing left to read. */
  expired: boolean;
  /** When its run ended; missing: it has not. */
  ended_at?: Date | undefined;
  /** Who answers it. */
  agent?: string | undefined;
}

/** What streams need to know about messages. Implemented by `messages`, which cannot be imported here. */
export abstract class MessageLookup {
  /**
   * A message with a run: a question, not an answer.
   * @throws AppError 404 `message_not_found`.
   */
  abstract find(scope: Scope, messageId: string): Promise<LookedUpMessage>;
}
