import { LRUCache } from 'lru-cache';

/** Open streams notice after this time that a credential was withdrawn in another process; requests notice at once. */
const NOTICE_MS = 5000;

/**
 * Whether credentials were withdrawn, for streams, which ask every few seconds: however many there are, the database is
 * asked once.
 */
export class Withdrawals {
  private readonly known: LRUCache<string, { exists: boolean }>;

  constructor(exists: (id: string) => Promise<boolean>) {
    this.known = new LRUCache<string, { exists: boolean }>({
      max: 10_000,
      ttl: NOTICE_MS,
      fetchMethod: async (id) => ({ exists: await exists(id) }),
    });
  }

  /** Whether it was withdrawn, some seconds ago at least. */
  async isWithdrawn(id: string): Promise<boolean> {
    return (await this.known.fetch(id))?.exists === false;
  }

  /** It was withdrawn in this process. */
  forget(id: string): void {
    this.known.delete(id);
  }

  /** Many were. */
  forgetAll(): void {
    this.known.clear();
  }
}
