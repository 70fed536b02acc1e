import { Redis } from 'ioredis';
import { reasonOf, StartError, withoutSecrets } from '../config/index.js';

const PATIENCE_MS = 3000;

/**
 * Asks Redis for a sign of life. Reprise works without Redis, later and slower, so one that is away stops no start; one
 * that refuses, or an address that leads nowhere, does not become right by waiting.
 * @returns what is wrong, as a sentence, when Redis is away.
 * @throws StartError that names `REDIS_URL`, never its password.
 */
export async function checkRedis(url: string): Promise<string | undefined> {
  const problems: unknown[] = [];
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', (error: unknown) => problems.push(error));
  try {
    await redis.connect();
    await redis.ping();
    return undefined;
  } catch (error) {
    const cause = problems[0] ?? error;
    const sentence = refusal(reasonOf(cause), url);
    if (sentence !== undefined) throw new StartError('REDIS_URL', sentence, { cause });
    return `REDIS_URL ${withoutSecrets(url)} gives no Redis now: ${reasonOf(cause)}. The server works without it, later and slower, until it is there.`;
  } finally {
    redis.disconnect();
  }
}

function refusal(reason: string, url: string): string | undefined {
  const shown = `REDIS_URL ${withoutSecrets(url)}`;
  if (/^(NOAUTH|WRONGPASS|ERR AUTH|ERR invalid password|ERR Client sent AUTH)/.test(reason))
    return `${shown} has a user name or a password that Redis refuses (${reason}). Its form is redis://user:password@host:6379.`;
  // A Redis without TLS waits for the rest of what it takes for a command.
  const noHandshake = url.startsWith('rediss:') && /ETIMEDOUT|timeout/i.test(reason);
  if (noHandshake || /SSL|TLS|wrong version number|packet length/i.test(reason))
    return `${shown} and that Redis do not agree about TLS (${reason}): rediss:// is with TLS, redis:// without.`;
  if (/ENOTFOUND/.test(reason))
    return `${shown} names a host that cannot be resolved (${reason}). Correct it, or unset it to run one process that does everything.`;
  return undefined;
}
