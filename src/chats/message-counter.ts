import type { TenantId } from '../common/index.js';

/** The number of messages in chats. A port: `messages` knows it, and is above `chats`. */
export abstract class MessageCounter {
  /** Messages of both sides by chat; a chat without any may be missing. */
  abstract count(tenant: TenantId, chatIds: readonly string[]): Promise<Map<string, number>>;
}
