import type { Scope } from '../common/index.js';

/** How many messages chats have. A port: `messages` knows, and stands above `chats`. */
export abstract class MessageCounter {
  /** Messages of both sides by chat; a chat without any may be missing. */
  abstract count(scope: Scope, chatIds: readonly string[]): Promise<Map<string, number>>;
}
