import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { randomBytes } from 'node:crypto';
import { Types, type Model } from 'mongoose';
import { AppError, Clock, DEFAULT_TENANT, type TenantId } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { ErasureRegistry } from '../../platform/erasure/index.js';
import { isDuplicateKeyError } from '../../platform/mongo/index.js';
import { UsersService } from '../../users/index.js';
import { ACCOUNT, emailKey, type AccountDocument, type Identity, type Role } from './account.schema.js';

/** Who gets an account. */
export interface NewAccount {
  email: string;
  name: string;
  role: Role;
  /** Hashed; `null`: none. */
  password: string | null;
  identity?: Identity;
}

const ID_BYTES = 9;

/** The accounts of a deployment, which are all of one tenant. */
@Injectable()
export class Accounts {
  constructor(
    @InjectModel(ACCOUNT) private readonly accounts: Model<AccountDocument>,
    private readonly users: UsersService,
    private readonly clock: Clock,
    private readonly settings: Settings,
    erasure: ErasureRegistry,
  ) {
    erasure.register({
      mayEraseUser: (tenant, userId) => this.checkMayGo(tenant, userId),
      user: async (tenant, userId) => {
        if (tenant === DEFAULT_TENANT) await this.accounts.deleteOne({ user_id: userId });
      },
    });
  }

  byId(userId: string): Promise<AccountDocument | null> {
    return this.accounts.findOne({ user_id: userId }).lean();
  }

  byEmail(email: string): Promise<AccountDocument | null> {
    return this.accounts.findOne({ email_key: emailKey(email) }).lean();
  }

  byIdentity({ issuer, subject }: Identity): Promise<AccountDocument | null> {
    return this.accounts.findOne({ identities: { $elemMatch: { issuer, subject } } }).lean();
  }

  /** Oldest first. */
  async page(page: number, size: number): Promise<{ items: AccountDocument[]; total: number }> {
    const found = this.accounts.find().sort({ created_at: 1, _id: 1 });
    const [items, total] = await Promise.all([
      found
        .skip((page - 1) * size)
        .limit(size)
        .lean(),
      this.accounts.countDocuments(),
    ]);
    return { items, total };
  }

  /** @throws AppError 409 `account_exists`. */
  async create({ email, name, role, password, identity }: NewAccount): Promise<AccountDocument> {
    const account: AccountDocument = {
      _id: new Types.ObjectId(),
      tenant_id: DEFAULT_TENANT,
      user_id: `u_${randomBytes(ID_BYTES).toString('hex')}`,
      email,
      email_key: emailKey(email),
      name,
      role,
      password,
      identities: identity ? [identity] : [],
      created_at: new Date(this.clock.now()),
      disabled_at: null,
      last_login_at: null,
    };
    try {
      await this.accounts.create(account);
    } catch (error) {
      throw isDuplicateKeyError(error) ? new AppError('account_exists') : error;
    }
    await this.users.introduce(DEFAULT_TENANT, account.user_id, { name, email });
    return account;
  }

  /** @throws AppError 404 `account_not_found`. */
  async change(userId: string, changes: Partial<AccountDocument>): Promise<AccountDocument> {
    const account = await this.accounts
      .findOneAndUpdate({ user_id: userId }, { $set: changes }, { returnDocument: 'after' })
      .lean();
    if (!account) throw new AppError('account_not_found', { id: userId });
    return account;
  }

  /** @throws AppError 404 `account_not_found`. */
  setDisabled(userId: string, isDisabled: boolean): Promise<AccountDocument> {
    return this.change(userId, { disabled_at: isDisabled ? new Date(this.clock.now()) : null });
  }

  /** Somebody at a provider is this account's person from now on. */
  async link(userId: string, identity: Identity): Promise<void> {
    await this.accounts.updateOne({ user_id: userId }, { $addToSet: { identities: identity } });
  }

  /** Whether somebody who can log in is an administrator. @param besides an account that does not count */
  async hasAdmin(besides?: string): Promise<boolean> {
    const others = besides === undefined ? {} : { user_id: { $ne: besides } };
    return (await this.accounts.exists({ role: 'admin', disabled_at: null, ...others })) !== null;
  }

  /** @throws AppError 409 `last_admin` if without this one there is no administrator. */
  async checkNotLastAdmin({ role, disabled_at, user_id }: AccountDocument): Promise<void> {
    if (role !== 'admin' || disabled_at !== null || (await this.hasAdmin(user_id))) return;
    throw new AppError('last_admin');
  }

  private async checkMayGo(tenant: TenantId, userId: string): Promise<void> {
    if (tenant !== DEFAULT_TENANT || this.settings.AUTH_MODE !== 'accounts') return;
    const account = await this.byId(userId);
    if (account) await this.checkNotLastAdmin(account);
  }
}
