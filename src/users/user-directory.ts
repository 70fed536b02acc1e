import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { ownedBy, pageSkip, toPage, type Page, type PageQuery, type Scope } from '../common/index.js';
import { USER, type UserDocument } from './user.schema.js';

/** The users that somebody may see: all of a tenant, for those who may act for them. */
@Injectable()
export class UserDirectory {
  constructor(@InjectModel(USER) private readonly users: Model<UserDocument>) {}

  /** Those who were active last come first. */
  async page(scope: Scope, query: PageQuery): Promise<Page<UserDocument>> {
    const where = ownedBy(scope);
    const [items, total] = await Promise.all([
      this.users
        .find(where)
        .sort({ last_active: -1, user_id: 1 })
        .skip(pageSkip(query))
        .limit(query.page_size)
        .lean<UserDocument[]>(),
      this.users.countDocuments(where),
    ]);
    return toPage(items, total, query);
  }
}
