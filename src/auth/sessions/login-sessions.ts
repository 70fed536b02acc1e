import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type QueryFilter } from 'mongoose';
import { Clock, type TenantId } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { ErasureRegistry } from '../../platform/erasure/index.js';
import { Log } from '../../platform/logging/index.js';
import type { AccountDocument } from '../accounts/account.schema.js';
import { Withdrawals } from '../withdrawals.js';
import { LOGIN_SESSION, type LoginSessionDocument } from './login-session.schema.js';

/** A login that is good, and whose it is. */
export interface LiveSession {
  session: LoginSessionDocument;
  account: AccountDocument;
}

/** What is known when somebody logs in. */
export type NewSession = Pick<LoginSessionDocument, '_id' | 'kind' | 'hash' | 'is_secure' | 'access'>;

const PREFIX = 'login:';
const USED_STEP_MS = 60_000;

/** Whether a credential, as a ticket names it, is a login. */
export const isSessionCredential = (credential: string): boolean => credential.startsWith(PREFIX);

/** What a ticket calls a login. */
export const credentialOf = ({ _id }: LoginSessionDocument): string => PREFIX + _id.toHexString();

/** Who is logged in. Every request asks the database, so that what was ended counts at once in all processes. */
@Injectable()
export class LoginSessions {
  private readonly logger = new Log(LoginSessions.name);
  private readonly withdrawals = new Withdrawals((credential) => this.exists(credential));

  constructor(
    @InjectModel(LOGIN_SESSION) private readonly sessions: Model<LoginSessionDocument>,
    private readonly settings: Settings,
    private readonly clock: Clock,
    erasure: ErasureRegistry,
  ) {
    erasure.register({
      user: (tenant, userId) => this.endAll(tenant, userId),
    });
  }

  async begin(account: AccountDocument, made: NewSession): Promise<LoginSessionDocument> {
    const now = this.clock.now();
    const { LOGIN_IDLE_MS, LOGIN_MAX_MS } = this.settings;
    const session: LoginSessionDocument = {
      ...made,
      tenant_id: account.tenant_id,
      user_id: account.user_id,
      created_at: new Date(now),
      used_at: new Date(now),
      idle_until: new Date(now + Math.min(LOGIN_IDLE_MS, LOGIN_MAX_MS)),
      ends_at: new Date(now + LOGIN_MAX_MS),
    };
    await this.sessions.create(session);
    return session;
  }

  /** The login that fits, if it has not ended and its account may log in; one round trip. Its use is noted. */
  async live(filter: QueryFilter<LoginSessionDocument>): Promise<LiveSession | undefined> {
    const now = new Date(this.clock.now());
    const [found] = await this.sessions.aggregate<LoginSessionDocument & { accounts: AccountDocument[] }>([
      { $match: { ...filter, idle_until: { $gt: now }, ends_at: { $gt: now } } },
      { $lookup: { from: 'accounts', localField: 'user_id', foreignField: 'user_id', as: 'accounts' } },
    ]);
    if (!found) return undefined;
    const { accounts, ...session } = found;
    const account = accounts[0];
    if (!account || account.disabled_at !== null) return undefined;
    this.noteUse(session);
    return { session, account };
  }

  /** Whether a login is still good. */
  async exists(credential: string): Promise<boolean> {
    const _id = new Types.ObjectId(credential.slice(PREFIX.length));
    return (await this.live({ _id })) !== undefined;
  }

  /** Whether it has ended, some seconds ago at least. */
  isWithdrawn(credential: string): Promise<boolean> {
    return this.withdrawals.isWithdrawn(credential);
  }

  /** Changes a login if it is as expected. @returns whether it was. */
  async replace(
    expected: Pick<LoginSessionDocument, '_id' | 'hash'>,
    changes: Partial<LoginSessionDocument>,
  ): Promise<boolean> {
    const { _id, hash } = expected;
    return (await this.sessions.updateOne({ _id, hash }, { $set: changes })).modifiedCount === 1;
  }

  async byId(id: string): Promise<LoginSessionDocument | null> {
    return this.sessions.findById(new Types.ObjectId(id)).lean();
  }

  /** Ends one login: at once, in all processes; its streams and tickets, too. */
  async end(credential: string): Promise<void> {
    await this.sessions.deleteOne({ _id: new Types.ObjectId(credential.slice(PREFIX.length)) });
    this.withdrawals.forget(credential);
  }

  /** Ends all logins of somebody. @param but one that stays */
  async endAll(tenant: TenantId, userId: string, but?: string): Promise<void> {
    const rest = but === undefined ? {} : { _id: { $ne: new Types.ObjectId(but.slice(PREFIX.length)) } };
    await this.sessions.deleteMany({ tenant_id: tenant, user_id: userId, ...rest });
    this.withdrawals.forgetAll();
  }

  private noteUse({ _id, used_at, ends_at }: LoginSessionDocument): void {
    const now = this.clock.now();
    const idle = this.settings.LOGIN_IDLE_MS;
    if (now - used_at.getTime() < Math.min(USED_STEP_MS, idle / 10)) return;
    const until = new Date(Math.min(now + idle, ends_at.getTime()));
    // Nobody waits for it, and a request does not fail because of it.
    this.sessions
      .updateOne({ _id }, { $max: { used_at: new Date(now), idle_until: until } })
      .catch((err: unknown) => {
        this.logger.warn('the use of a login was not noted', { err });
      });
  }
}
