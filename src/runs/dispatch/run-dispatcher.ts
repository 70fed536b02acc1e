/** Brings work to workers. */
export abstract class RunDispatcher {
  /** Makes sure that a worker looks at this chat soon. Repeating it does no harm. */
  abstract dispatch(chatId: string): Promise<void>;
}
