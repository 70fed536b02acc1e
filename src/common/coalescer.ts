import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long a call that may wait does so for others. */
const COMPANY_MS = 20;

interface Waiting<T, R> {
  readonly item: T;
  resolve: (result: R) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes one call of the equal calls that come while one is under way: what a database does for forty is hardly more than
 * what it does for one. A call that finds none under way goes out at once, so nothing waits that need not. Behind one
 * that was under way, the next leaves one turn of the event loop later: what those ask whose answers have just come, or
 * who wait at a socket that is yet to be read, goes with it.
 */
export class Coalescer<T, R> {
  private waiting: Waiting<T, R>[] = [];
  private underWay = false;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param perform does it for some items, at most `max`: one result for each, in their order. When it throws, all of
   * them fail.
   */
  constructor(
    private readonly perform: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly max = 100,
  ) {}

  /**
   * Does it for one item, together with others.
   * @param mayWait nobody is in a hurry: if it would go alone, it waits a moment for others.
   */
  call(item: T, mayWait = false): Promise<R> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (mayWait) this.timer ??= setTimeout(this.begin, COMPANY_MS);
      else this.begin();
    });
  }

  private readonly begin = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.underWay || this.waiting.length === 0) return;
    this.underWay = true;
    // What the same turn of the event loop asks for goes together.
    setImmediate(() => void this.run());
  };

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const some = this.waiting.slice(0, this.max);
      this.waiting = this.waiting.slice(this.max);
      try {
        const results = await this.perform(some.map(({ item }) => item));
        for (const [index, { resolve }] of some.entries()) resolve(results[index] as R);
      } catch (error) {
        for (const { reject } of some) reject(error);
      }
      await nextTurn();
    }
    this.underWay = false;
  }
}
