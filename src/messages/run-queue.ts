/** Work to be done, as `messages` hands it over. Implemented by `runs`, which may not be imported from here. */
export abstract class RunQueue {
  /**
   * Says that a chat has a pending run. The run itself is stored already, so a lost call delays it, never loses it.
   * Calling twice does no harm.
   */
  abstract enqueue(chatId: string): Promise<void>;

  /**
   * A stored message goes ahead of what waits in its chat: the run that is going on, and earlier messages that did the
   * same and wait, are asked to stop. When a later one did so meanwhile, this message's own run is among them.
   */
  abstract interrupt(chatId: string, messageId: string): Promise<void>;

  /** Which agents a message may name. */
  abstract hasAgent(name: string): boolean;

  /** The agent of messages that name none. */
  abstract readonly defaultAgent: string;
}
