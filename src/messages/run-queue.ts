/** Work to be done, as `messages` hands it over. Implemented by `runs`, which cannot be imported here. */
export abstract class RunQueue {
  /**
   * Says that a chat has a pending run. The run itself is stored already, so a lost call delays it but never loses it.
   * Repeating the call does no harm.
   */
  abstract enqueue(chatId: string): Promise<void>;

  /**
   * A stored message goes ahead of everything waiting in its chat: the active run, and earlier messages that did the
   * same and are waiting, are asked to stop. If a later message has done so meanwhile, this message's own run is among
   * them.
   */
  abstract interrupt(chatId: string, messageId: string): Promise<void>;

  /** Which agents a message may name. */
  abstract hasAgent(name: string): boolean;

  /** The agent of messages that name none. */
  abstract readonly defaultAgent: string;
}
