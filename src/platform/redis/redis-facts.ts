import type { Redis } from 'ioredis';

/** What a Redis says of itself; what it does not tell, or may not be asked, is missing. */
export interface RedisFacts {
  version?: string;
  /** `maxmemory-policy`: which keys go when its memory is full. */
  eviction_policy?: string;
}

/** The only policy under which a queue keeps what was put into it. */
export const KEEPS_ALL = 'noeviction';
/** What BullMQ is made for. */
const OLDEST: readonly [number, number] = [6, 2];

/** Asks a Redis, once it is connected. An access list may forbid the question: then nothing is known. */
export async function factsOf(redis: Redis): Promise<RedisFacts> {
  const text = await redis.info().catch(() => '');
  const fields = new Map(
    text.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string | undefined]),
  );
  const [version, eviction_policy] = [fields.get('redis_version'), fields.get('maxmemory_policy')];
  return { ...(version && { version }), ...(eviction_policy && { eviction_policy }) };
}

/** What an operator should change; a sentence each. */
export function faultsOf({ version, eviction_policy }: RedisFacts): string[] {
  const faults: string[] = [];
  if (eviction_policy !== undefined && eviction_policy !== KEEPS_ALL)
    faults.push(
      `Redis may drop queued runs when its memory is full (maxmemory-policy is ${eviction_policy}): set it to ` +
        `${KEEPS_ALL}. Workers find dropped runs in the database, but later.`,
    );
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  if (version !== undefined && isOld)
    faults.push(
      `Redis ${version} is older than ${OLDEST.join('.')}, which the run queue is made for: update it.`,
    );
  return faults;
}
