import { Redis } from 'ioredis';
import { reasonOf, StartError, withoutSecrets } from '../config/index.js';

const PATIENCE_MS = 3000;

/**
 * Checks that Redis answers. Reprise works without Redis, only slower, so an unavailable one does not prevent a start;
 * one that rejects the connection, or an address that leads nowhere, will not be fixed by waiting.
 * @returns what is wrong, as a sentence, if Redis is unavailable.
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
    return `REDIS_URL ${withoutSecrets(url)} does not lead to a Redis at the moment: ${reasonOf(cause)}. The server works without it, but slower, until Redis is available.`;
  } finally {
    redis.disconnect();
  }
}

function refusal(reason: string, url: string): string | undefined {
  const shown = `REDIS_URL ${withoutSecrets(url)}`;
  if (/^(NOAUTH|WRONGPASS|ERR AUTH|ERR invalid password|ERR Client sent AUTH)/.test(reason))
    return `Redis rejected the user name or password in ${shown} (${reason}). The form is redis://user:password@host:6379.`;
  // A Redis without TLS waits for the rest of what looks like a command to it.
  const noHandshake = url.startsWith('rediss:') && /ETIMEDOUT|timeout/i.test(reason);
  if (noHandshake || /SSL|TLS|wrong version number|packet length/i.test(reason))
    return `${shown} and that Redis disagree about TLS (${reason}): rediss:// uses TLS, redis:// does not.`;
  if (/ENOTFOUND/.test(reason))
    return `${shown} names a host that cannot be resolved (${reason}). Correct it, or unset it to run one process that does everything.`;
  return undefined;
}
