import { Injectable } from '@nestjs/common';
import { Types } from 'mongoose';
import { AppError, Clock, type TenantId } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import type { AccountDocument } from '../accounts/account.schema.js';
import { ServerKeys } from '../server-keys.js';
import { hashOf, idIn, isGenuine, newTokenText } from '../tokens/token-text.js';
import type { IssuedAccess, LoginSessionDocument } from './login-session.schema.js';
import { credentialOf, LoginSessions, type LiveSession } from './login-sessions.js';

/** What a program gets that has logged in for a person. */
export interface TokenPair {
  access: string;
  refresh: string;
  /** Of the access token, s. */
  expiresIn: number;
}

/** A person's pair, and whose it is. */
export interface IssuedPair {
  pair: TokenPair;
  account: AccountDocument;
}

/** A program that renews all the time keeps this many access tokens at most. */
const ACCESS_MAX = 10;

/**
 * Access and refresh tokens. A refresh token is good once: with the pair that it gets, the login goes on. One that
 * comes again was copied, and ends the login, since nobody can tell who has the copy.
 */
@Injectable()
export class LoginTokens {
  constructor(
    private readonly sessions: LoginSessions,
    private readonly keys: ServerKeys,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** A new login. */
  async begin(account: AccountDocument): Promise<TokenPair> {
    const _id = new Types.ObjectId();
    const { pair, access } = this.newPair(_id, []);
    const hash = hashOf(pair.refresh);
    await this.sessions.begin(account, { _id, kind: 'token', hash, access, is_secure: false });
    return pair;
  }

  /** @throws AppError 401 `token_invalid`, also if it was used before. */
  async refresh(text: string): Promise<IssuedPair> {
    const session = await this.sessionOf(text);
    const live = await this.sessions.live({ _id: session._id });
    if (!live) throw new AppError('token_expired');
    const { pair, access } = this.newPair(session._id, session.access);
    const changes = { hash: hashOf(pair.refresh), access };
    if (session.hash === hashOf(text) && (await this.sessions.replace(session, changes)))
      return { pair, account: live.account };
    await this.sessions.end(credentialOf(session));
    throw new AppError('token_invalid', {
      why: 'it was used before, so all tokens of this login have ended',
    });
  }

  /** The login of an access token. @throws AppError 401 `token_invalid`, `token_expired`. */
  async live(text: string): Promise<LiveSession> {
    if (!isGenuine(text, this.key, 'rpa'))
      throw new AppError('token_invalid', { why: 'this server did not make it' });
    const hash = hashOf(text);
    const now = new Date(this.clock.now());
    const found = await this.sessions.live({ access: { $elemMatch: { hash, until: { $gt: now } } } });
    if (!found) throw new AppError('token_expired');
    return found;
  }

  /** When an access token of a login ends, epoch ms. */
  endOf(text: string, { access, ends_at }: LoginSessionDocument): number {
    const hash = hashOf(text);
    const until = access.find((one) => one.hash === hash)?.until ?? ends_at;
    return Math.min(until.getTime(), ends_at.getTime());
  }

  /** Ends the login that a refresh token belongs to, if there is one. */
  async end(text: string): Promise<{ tenant: TenantId; userId: string } | undefined> {
    const session = await this.sessionOf(text).catch(() => undefined);
    if (!session) return undefined;
    await this.sessions.end(credentialOf(session));
    return { tenant: session.tenant_id as TenantId, userId: session.user_id };
  }

  private async sessionOf(text: string): Promise<LoginSessionDocument> {
    const id = idIn(text);
    if (id === undefined || !isGenuine(text, this.key, 'rpr'))
      throw new AppError('token_invalid', { why: 'this server did not make it' });
    const session = await this.sessions.byId(id);
    if (!session) throw new AppError('token_invalid', { why: 'its login has ended' });
    return session;
  }

  private newPair(
    id: Types.ObjectId,
    before: readonly IssuedAccess[],
  ): { pair: TokenPair; access: IssuedAccess[] } {
    const now = this.clock.now();
    const lifetime = this.settings.LOGIN_TOKEN_MS;
    const text = newTokenText(this.key, 'rpa');
    const refresh = newTokenText(this.key, 'rpr', id.toHexString());
    const alive = before.filter(({ until }) => until.getTime() > now);
    const access = [{ hash: hashOf(text), until: new Date(now + lifetime) }, ...alive].slice(0, ACCESS_MAX);
    return { pair: { access: text, refresh, expiresIn: Math.ceil(lifetime / 1000) }, access };
  }

  private get key(): Buffer {
    return this.keys.derive('login');
  }
}
