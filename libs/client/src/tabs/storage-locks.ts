import { pause } from '../back-off.js';
import type { Release, TabLocks } from './tab-locks.js';

/** The part of `localStorage` that is needed here. */
interface Storage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Who holds a lock, and until when, epoch ms. */
interface Lease {
  readonly owner: string;
  readonly until: number;
}

const PREFIX = 'reprise.lock.';
/** A crashed tab keeps its locks for this long, ms. */
const LEASE_MS = 4000;
const RENEW_MS = 1000;
/** Two tabs may see a lock free at the same moment; after this long, ms, they agree on which one wrote last. */
const SETTLE_MS = 50;
/** Nobody announces a lock whose owner crashed, so waiting tabs look for themselves this often, ms. */
const LOOK_MS = 1000;

/** Locks as leases in `localStorage`. @returns `null` where it is forbidden or full. */
export function storageLocks(): TabLocks | null {
  try {
    const { localStorage: storage } = globalThis as { localStorage?: Storage };
    if (!storage) return null;
    storage.setItem(PREFIX, '');
    storage.removeItem(PREFIX);
    return new StorageLocks(storage);
  } catch {
    return null;
  }
}

/**
 * Storage has no test-and-set, so for a moment a lock can have two owners, and a tab that is paused for longer than
 * its lease loses it. Suitable for saving connections, not for anything that must happen exactly once.
 */
class StorageLocks implements TabLocks {
  constructor(private readonly storage: Storage) {
    this.sweep();
  }

  async tryTake(name: string): Promise<Release | null> {
    const key = PREFIX + name;
    if (this.leaseOf(key)) return null;
    const owner = String(Math.random());
    if (!this.write(key, owner)) return null;
    await pause(SETTLE_MS * (1 + Math.random()), false);
    if (this.leaseOf(key)?.owner !== owner) return null;
    const timer = setInterval(() => {
      if (this.leaseOf(key)?.owner === owner) this.write(key, owner);
    }, RENEW_MS);
    return () => {
      clearInterval(timer);
      if (this.leaseOf(key)?.owner === owner) this.storage.removeItem(key);
    };
  }

  async take(name: string, signal: AbortSignal): Promise<Release> {
    for (;;) {
      const release = await this.tryTake(name);
      if (release && !signal.aborted) return release;
      release?.();
      signal.throwIfAborted();
      await this.change(PREFIX + name, signal);
    }
  }

  /** Waits until another tab releases the lock, but not for long. */
  private async change(key: string, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const wake = (): void => {
      waiting.abort();
    };
    const onStorage = (event: Event): void => {
      const { key: changed, newValue } = event as Event & { key?: string; newValue?: string | null };
      if (changed === key && newValue === null) wake();
    };
    const page = globalThis as Partial<EventTarget>;
    page.addEventListener?.('storage', onStorage);
    signal.addEventListener('abort', wake);
    await pause(LOOK_MS * (1 + Math.random()), false, waiting.signal);
    page.removeEventListener?.('storage', onStorage);
    signal.removeEventListener('abort', wake);
  }

  /** The lease that holds a lock. A lease that has expired or is not plausible holds nothing. */
  private leaseOf(key: string): Lease | null {
    try {
      const { owner, until } = JSON.parse(this.storage.getItem(key) ?? '{}') as Partial<Lease>;
      const left = Number(until) - Date.now();
      return owner !== undefined && left > 0 && left <= LEASE_MS ? { owner, until: Number(until) } : null;
    } catch {
      return null;
    }
  }

  private write(key: string, owner: string): boolean {
    try {
      this.storage.setItem(key, JSON.stringify({ owner, until: Date.now() + LEASE_MS } satisfies Lease));
      return true;
    } catch {
      return false; // full
    }
  }

  /** Removes what crashed tabs have left. */
  private sweep(): void {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index));
    for (const key of keys) if (key?.startsWith(PREFIX) && !this.leaseOf(key)) this.storage.removeItem(key);
  }
}
