import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppError } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { RateCounter } from '../../platform/redis/index.js';
import { hashOf } from '../tokens/token-text.js';
import { emailKey } from './account.schema.js';

/** Who tries. */
export interface Attempt {
  /** Where it comes from, see `addressKey`. */
  address: string;
  /** For whom, whether or not there is such an account; missing: with a link. */
  email?: string;
}

const WINDOW_S = 900;

interface Limit {
  counter: RateCounter;
  limit: number;
  keyOf: (attempt: Attempt) => string | undefined;
}

/** Slows down who guesses: for each account, whoever tries, and for each address, whatever it tries. */
@Injectable()
export class LoginAttempts implements OnApplicationShutdown {
  private readonly limits: Limit[];

  constructor(settings: Settings) {
    const { LOGIN_ATTEMPTS_PER_ACCOUNT, LOGIN_ATTEMPTS_PER_ADDRESS } = settings;
    const counted = (name: string, limit: number, keyOf: Limit['keyOf']): Limit[] =>
      limit === 0
        ? []
        : [{ counter: new RateCounter(settings, { name, limit, windowS: WINDOW_S }), limit, keyOf }];
    this.limits = [
      ...counted('login-address', LOGIN_ATTEMPTS_PER_ADDRESS, ({ address }) => address),
      ...counted('login-account', LOGIN_ATTEMPTS_PER_ACCOUNT, ({ email }) =>
        email === undefined ? undefined : hashOf(emailKey(email)),
      ),
    ];
  }

  /**
   * Counts an attempt before it is made, so that many at once get no further. One that succeeds is not counted.
   * @param isFailure what a wrong guess throws; other errors are not counted.
   * @throws AppError 429 `too_many_attempts`; and what `attempt` throws.
   */
  async guard<T>(who: Attempt, attempt: () => Promise<T>): Promise<T> {
    const counted = this.limits.flatMap(({ counter, limit, keyOf }) => {
      const key = keyOf(who);
      return key === undefined ? [] : [{ counter, limit, key }];
    });
    for (const { counter, limit, key } of counted) {
      const { count, seconds } = await counter.count(key);
      if (count > limit) throw new AppError('too_many_attempts', { seconds });
    }
    try {
      const result = await attempt();
      for (const { counter, key } of counted) await counter.uncount(key);
      return result;
    } catch (error) {
      if (!isWrongGuess(error)) for (const { counter, key } of counted) await counter.uncount(key);
      throw error;
    }
  }

  /** The person has proved who they are: earlier mistakes do not count. */
  async forgive(email: string): Promise<void> {
    const key = hashOf(emailKey(email));
    await this.limits.find(({ keyOf }) => keyOf({ address: '', email }) === key)?.counter.forget(key);
  }

  onApplicationShutdown(): void {
    for (const { counter } of this.limits) counter.close();
  }
}

const WRONG_GUESSES = new Set(['wrong_credentials', 'wrong_password', 'link_not_found']);

function isWrongGuess(error: unknown): boolean {
  return isAppError(error) && WRONG_GUESSES.has(error.code);
}

/** `instanceof` alone would lose the codes. */
const isAppError = (error: unknown): error is AppError => error instanceof AppError;
