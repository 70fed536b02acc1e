import type { Scope } from '../../common/index.js';
import type { RequestMark } from './repeats.js';
import type { ToldConversation } from './request/conversation.js';

/** Who asks. */
export interface Asker {
  scope: Scope;
  /** Id of the user. */
  person: string;
}

/** A question of a client. */
export interface NewQuestion {
  told: ToldConversation;
  model: string | undefined;
  instructions: string | undefined;
  metadata?: Record<string, string> | undefined;
  /** Where it belongs; default: a new chat. */
  conversation?: { chatId: string } | { key: string } | undefined;
  /** The message that it follows. */
  previous?: string | undefined;
  /** Whether a new chat is one that its user sees. */
  isKept: boolean;
  mark: RequestMark;
}
