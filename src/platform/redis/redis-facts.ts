import type { Redis } from 'ioredis';

/** What a Redis says about itself; what it does not report, or may not be asked, is missing. */
export interface RedisFacts {
  version?: string;
  /** `maxmemory-policy`: which keys Redis evicts when its memory is full. */
  eviction_policy?: string;
}

/** The only policy with which a queue keeps what was put into it. */
export const KEEPS_ALL = 'noeviction';
/** The oldest version that BullMQ supports. */
const OLDEST: readonly [number, number] = [6, 2];

/** Queries a Redis once it is connected. An access list may forbid the query: then nothing is known. */
export async function factsOf(redis: Redis): Promise<RedisFacts> {
  const text = await redis.info().catch(() => '');
  const fields = new Map(
    text.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string | undefined]),
  );
  const [version, eviction_policy] = [fields.get('redis_version'), fields.get('maxmemory_policy')];
  return { ...(version && { version }), ...(eviction_policy && { eviction_policy }) };
}

/** What an operator should change, one sentence each. */
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
      `Redis ${version} is older than ${OLDEST.join('.')}, the oldest version that the run queue supports: update it.`,
    );
  return faults;
}
