import { Injectable } from '@nestjs/common';
import { Types } from 'mongoose';
import { ServerKeys } from '../server-keys.js';
import { LoginSessions } from '../sessions/login-sessions.js';
import { hashOf, newTokenText } from '../tokens/token-text.js';
import type { AccountDocument } from './account.schema.js';

/** Logins of browsers. */
@Injectable()
export class BrowserSessions {
  constructor(
    private readonly sessions: LoginSessions,
    private readonly keys: ServerKeys,
  ) {}

  /** @returns the value of the cookie. */
  async begin(account: AccountDocument, isSecure: boolean): Promise<string> {
    const value = newTokenText(this.keys.derive('login'), 'rps');
    const made = { _id: new Types.ObjectId(), kind: 'cookie', hash: hashOf(value), access: [] } as const;
    await this.sessions.begin(account, { ...made, access: [], is_secure: isSecure });
    return value;
  }
}
