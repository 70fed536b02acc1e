import type { ReadyWorker } from '../../messages/index.js';

/** Brings work to workers. */
export abstract class RunDispatcher {
  /** Makes sure that a worker looks at this chat soon. Repeating it does no harm. */
  abstract dispatch(chatId: string): Promise<void>;

  /** A worker of this process that can start at once, if there is one. */
  abstract ready(): ReadyWorker | undefined;
}
