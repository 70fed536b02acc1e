import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { AppError, Clock, type TenantId } from '../common/index.js';
import { ErasureRegistry } from '../platform/erasure/index.js';
import { isDuplicateKeyError } from '../platform/mongo/index.js';
import { USER, type UserDocument } from './user.schema.js';

/** What may be changed of a user; `null` clears, a missing field stays. */
export interface UserChanges {
  name?: string | null | undefined;
  email?: string | null | undefined;
}

/** Users exist from the first time somebody speaks of them. */
@Injectable()
export class UsersService {
  constructor(
    @InjectModel(USER) private readonly users: Model<UserDocument>,
    private readonly erasure: ErasureRegistry,
    private readonly clock: Clock,
  ) {}

  /** The user, created on first sight; `last_active` becomes now. */
  async getOrCreate(tenant: TenantId, userId: string): Promise<UserDocument> {
    try {
      return await this.upsert(tenant, userId);
    } catch (error) {
      // Two first sights at once: the unique index let one insert through, and there is something to update now.
      if (isDuplicateKeyError(error)) return this.upsert(tenant, userId);
      throw error;
    }
  }

  /** @throws AppError 404 `user_not_found`. */
  async update(tenant: TenantId, userId: string, { name, email }: UserChanges): Promise<UserDocument> {
    const changes = { ...(name !== undefined && { name }), ...(email !== undefined && { email }) };
    const user = await this.users
      .findOneAndUpdate(
        { tenant_id: tenant, user_id: userId },
        { $set: changes },
        { returnDocument: 'after' },
      )
      .lean();
    if (!user) throw new AppError('user_not_found', { id: userId });
    return user;
  }

  /**
   * Erases the user and all that hangs on them. The user goes last, so that a deletion that was cut off is finished by
   * asking again.
   * @throws AppError 404 `user_not_found`.
   */
  async erase(tenant: TenantId, userId: string): Promise<void> {
    if (!(await this.users.exists({ tenant_id: tenant, user_id: userId })))
      throw new AppError('user_not_found', { id: userId });
    await this.erasure.eraseUser(tenant, userId);
    await this.users.deleteOne({ tenant_id: tenant, user_id: userId });
  }

  private async upsert(tenant: TenantId, userId: string): Promise<UserDocument> {
    const now = new Date(this.clock.now());
    return this.users
      .findOneAndUpdate(
        { tenant_id: tenant, user_id: userId },
        { $max: { last_active: now }, $setOnInsert: { name: null, email: null, created_at: now } },
        { upsert: true, returnDocument: 'after', setDefaultsOnInsert: false },
      )
      .lean();
  }
}
