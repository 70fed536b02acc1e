import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import PQueue from 'p-queue';

/** Argon2id with what OWASP recommends: 19 MiB, 2 passes. The library's enum is `const` and cannot be imported alone. */
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The others of libuv's four threads stay free for files and names. */
const AT_ONCE = 2;

/** Nobody's: what is compared where there is no account, so that the answer takes as long. */
const NOBODYS = 'a password that nobody has, for accounts that do not exist';

/** Hashes and compares passwords. */
@Injectable()
export class Passwords {
  private readonly queue = new PQueue({ concurrency: AT_ONCE });
  private nobodys: Promise<string> | undefined;

  /** In PHC format, with a salt. */
  hash(password: string): Promise<string> {
    return this.queue.add(() => hash(normal(password), COST));
  }

  /** Whether it is the one that was hashed. @param stored missing: false, after the same work. */
  async isRight(password: string, stored: string | null | undefined): Promise<boolean> {
    this.nobodys ??= this.hash(NOBODYS);
    const against = stored ?? (await this.nobodys);
    const isSame = await this.queue.add(() => verify(against, normal(password)));
    return isSame && stored !== null && stored !== undefined;
  }
}

/** The same characters can be typed in different ways. */
const normal = (password: string): string => password.normalize('NFKC');
