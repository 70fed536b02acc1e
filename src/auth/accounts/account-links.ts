import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { AppError, Clock, DEFAULT_TENANT } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { ErasureRegistry } from '../../platform/erasure/index.js';
import { ServerKeys } from '../server-keys.js';
import { hashOf, isGenuine, newTokenText } from '../tokens/token-text.js';
import { emailKey, type Role } from './account.schema.js';
import { ACCOUNT_LINK, type AccountLinkDocument, type LinkKind } from './account-link.schema.js';

/** A new link. Its secret is in the part of the address that browsers send to nobody. */
export interface NewLink {
  link: AccountLinkDocument;
  /** Relative to the address of the server. */
  path: string;
}

/** Who is invited. */
export interface Invited {
  email: string;
  role: Role;
}

const DAY_MS = 86_400_000;
/** There are never more invitations than an administrator can look at. */
const INVITATIONS_MAX = 1000;

/** Links that work once: to set up the server, to get an account, to set a new password. */
@Injectable()
export class AccountLinks {
  constructor(
    @InjectModel(ACCOUNT_LINK) private readonly links: Model<AccountLinkDocument>,
    private readonly keys: ServerKeys,
    private readonly settings: Settings,
    private readonly clock: Clock,
    erasure: ErasureRegistry,
  ) {
    erasure.register({
      user: async (tenant, userId) => {
        if (tenant === DEFAULT_TENANT) await this.links.deleteMany({ user_id: userId });
      },
    });
  }

  setup(): Promise<NewLink> {
    return this.create({ kind: 'setup' }, DAY_MS);
  }

  /** Replaces an invitation of the same person. */
  async invite({ email, role }: Invited): Promise<NewLink> {
    const email_key = emailKey(email);
    await this.links.deleteMany({ kind: 'invitation', email_key });
    return this.create({ kind: 'invitation', email, email_key, role }, this.settings.INVITATION_MS);
  }

  /** Replaces a link of the same person. */
  async reset(userId: string): Promise<NewLink> {
    await this.links.deleteMany({ kind: 'reset', user_id: userId });
    return this.create({ kind: 'reset', user_id: userId }, DAY_MS);
  }

  /** Invitations that nobody has used, newest first. */
  invitations(): Promise<AccountLinkDocument[]> {
    return this.links
      .find({ kind: 'invitation', ...this.alive() })
      .sort({ created_at: -1, _id: -1 })
      .limit(INVITATIONS_MAX)
      .lean();
  }

  /** The invitation of an address, if there is one. */
  invitationOf(email: string): Promise<AccountLinkDocument | null> {
    return this.links.findOne({ kind: 'invitation', email_key: emailKey(email), ...this.alive() }).lean();
  }

  /** @throws AppError 404 `invitation_not_found`. */
  async withdraw(id: string): Promise<void> {
    const { deletedCount } = await this.links.deleteOne({ _id: new Types.ObjectId(id), kind: 'invitation' });
    if (deletedCount === 0) throw new AppError('invitation_not_found', { id });
  }

  /** All links of a kind, or those that set the password of somebody, are worth nothing any more. */
  async forget(of: { kind: LinkKind; user_id?: string; email_key?: string }): Promise<void> {
    await this.links.deleteMany(of);
  }

  /** What a link is good for; it stays good. @throws AppError 404 `link_not_found`. */
  async look(secret: string): Promise<AccountLinkDocument> {
    const link = isGenuine(secret, this.key, 'rpl')
      ? await this.links.findOne({ hash: hashOf(secret), ...this.alive() }).lean()
      : null;
    if (!link) throw new AppError('link_not_found');
    return link;
  }

  /**
   * Uses a link up. If `use` fails, it is good again.
   * @throws AppError 404 `link_not_found`, also if somebody else is using it; and what `use` throws.
   */
  async use<T>(link: AccountLinkDocument, use: () => Promise<T>): Promise<T> {
    const key = { _id: link._id };
    const { modifiedCount } = await this.links.updateOne({ ...key, taken: false }, { taken: true });
    if (modifiedCount === 0) throw new AppError('link_not_found');
    try {
      const result = await use();
      await this.links.deleteOne(key);
      return result;
    } catch (error) {
      await this.links.updateOne(key, { taken: false });
      throw error;
    }
  }

  private async create(
    about: Partial<AccountLinkDocument> & Pick<AccountLinkDocument, 'kind'>,
    lifetimeMs: number,
  ): Promise<NewLink> {
    const now = this.clock.now();
    const secret = newTokenText(this.key, 'rpl');
    const link: AccountLinkDocument = {
      email: null,
      email_key: null,
      role: null,
      user_id: null,
      ...about,
      _id: new Types.ObjectId(),
      hash: hashOf(secret),
      created_at: new Date(now),
      expires_at: new Date(now + lifetimeMs),
      taken: false,
    };
    await this.links.create(link);
    return { link, path: `/join#${secret}` };
  }

  private alive(): { taken: boolean; expires_at: { $gt: Date } } {
    return { taken: false, expires_at: { $gt: new Date(this.clock.now()) } };
  }

  private get key(): Buffer {
    return this.keys.derive('login');
  }
}
