import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { AuditLog } from '../audit/index.js';
import { AppError, Clock, covers, type Scope, type TenantId } from '../common/index.js';
import { ErasureRegistry } from '../platform/erasure/index.js';
import { isDuplicateKeyError } from '../platform/mongo/index.js';
import { USER, type UserDocument } from './user.schema.js';

/** What can be changed about a user; `null` clears, a missing field stays unchanged. */
export interface UserChanges {
  name?: string | null | undefined;
  email?: string | null | undefined;
}

type UserKey = Pick<UserDocument, 'tenant_id' | 'user_id'>;

/** Users are created the first time a request names them. */
@Injectable()
export class UsersService {
  constructor(
    @InjectModel(USER) private readonly users: Model<UserDocument>,
    private readonly erasure: ErasureRegistry,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /**
   * The user, created on first use; `last_active` becomes now. @throws AppError 404 `user_not_found` for a user
   * outside the scope.
   */
  async getOrCreate(scope: Scope, userId: string): Promise<UserDocument> {
    const key = keyOf(scope, userId);
    try {
      return await this.upsert(key);
    } catch (error) {
      // Two first requests at once: the unique index accepted one insert, and now there is something to update.
      if (isDuplicateKeyError(error)) return this.upsert(key);
      throw error;
    }
  }

  /** Somebody who has got an account: their profile begins with what the account says. */
  async introduce(
    tenant: TenantId,
    userId: string,
    { name, email }: Required<Pick<UserDocument, 'name' | 'email'>>,
  ): Promise<void> {
    const now = new Date(this.clock.now());
    const profile = { name, email, created_at: now, last_active: now };
    await this.users.updateOne(
      { tenant_id: tenant, user_id: userId },
      { $setOnInsert: profile },
      { upsert: true },
    );
  }

  /** @throws AppError 404 `user_not_found`. */
  async update(scope: Scope, userId: string, { name, email }: UserChanges): Promise<UserDocument> {
    const changes = { ...(name !== undefined && { name }), ...(email !== undefined && { email }) };
    const user = await this.users
      .findOneAndUpdate(keyOf(scope, userId), { $set: changes }, { returnDocument: 'after' })
      .lean();
    if (!user) throw new AppError('user_not_found', { id: userId });
    return user;
  }

  /**
   * Erases the user and everything that belongs to them. The user goes last, so that repeating the request completes
   * an interrupted deletion.
   * @throws AppError 404 `user_not_found`.
   */
  async erase(scope: Scope, userId: string): Promise<void> {
    const key = keyOf(scope, userId);
    if (!(await this.users.exists(key))) throw new AppError('user_not_found', { id: userId });
    await this.erasure.eraseUser(scope.tenant, userId);
    await this.audit.erase(scope, userId);
    await this.users.deleteOne(key);
  }

  private async upsert(key: UserKey): Promise<UserDocument> {
    const now = new Date(this.clock.now());
    return this.users
      .findOneAndUpdate(
        key,
        { $max: { last_active: now }, $setOnInsert: { name: null, email: null, created_at: now } },
        { upsert: true, returnDocument: 'after', setDefaultsOnInsert: false },
      )
      .lean();
  }
}

/** The user, if the scope may access them. @throws AppError 404 `user_not_found` for a user outside the scope. */
function keyOf(scope: Scope, userId: string): UserKey {
  if (!covers(scope, userId)) throw new AppError('user_not_found', { id: userId });
  return { tenant_id: scope.tenant, user_id: userId };
}
