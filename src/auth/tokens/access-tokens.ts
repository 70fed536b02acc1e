import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { AppError, Clock, type TenantId } from '../../common/index.js';
import { ErasureRegistry } from '../../platform/erasure/index.js';
import type { Caller } from '../../platform/http/index.js';
import { Log } from '../../platform/logging/index.js';
import { ServerKeys } from '../server-keys.js';
import { Standing } from '../standing.js';
import { Withdrawals } from '../withdrawals.js';
import { ACCESS_TOKEN, type AccessTokenDocument } from './access-token.schema.js';
import { hashOf, isGenuine } from './token-text.js';

const LAST_USED_STEP_MS = 60_000;

/** Lets people in by their personal tokens. */
@Injectable()
export class AccessTokens {
  private readonly logger = new Log(AccessTokens.name);
  private readonly withdrawals = new Withdrawals((id) => this.exists(id));
  private genuineKey: Buffer | undefined;

  constructor(
    @InjectModel(ACCESS_TOKEN) private readonly tokens: Model<AccessTokenDocument>,
    private readonly keys: ServerKeys,
    private readonly clock: Clock,
    private readonly standing: Standing,
    erasure: ErasureRegistry,
  ) {
    erasure.register({
      user: async (tenant, userId) => {
        await this.tokens.deleteMany({ tenant_id: tenant, user_id: userId });
        this.withdrawals.forgetAll();
      },
    });
  }

  /** Signs the tags of tokens. */
  get key(): Buffer {
    return (this.genuineKey ??= this.keys.derive('access-token'));
  }

  /** Whose token this is. @throws AppError 401 `token_invalid`, `token_expired`. */
  async caller(text: string): Promise<Caller> {
    if (!isGenuine(text, this.key))
      throw new AppError('token_invalid', { why: 'this server did not make it' });
    const token = await this.tokens.findOne({ hash: hashOf(text) }).lean();
    if (!token) throw new AppError('token_invalid', { why: 'it was deleted' });
    const until = token.expires_at?.getTime();
    if (until !== undefined && until <= this.clock.now()) throw new AppError('token_expired');
    if (!(await this.isOfWelcome(token)))
      throw new AppError('token_invalid', { why: 'its user is not let in at present' });
    this.noteUse(token);
    const credential = token._id.toHexString();
    return {
      tenant: token.tenant_id as TenantId,
      user: token.user_id,
      subject: token.user_id,
      rights: token.scopes,
      permission: {
        credential,
        isWithdrawn: () => this.isWithdrawn(credential),
        ...(until !== undefined && { until }),
      },
    };
  }

  /** Whether a token exists and has not expired. */
  async exists(id: string): Promise<boolean> {
    const now = new Date(this.clock.now());
    const good = { $or: [{ expires_at: null }, { expires_at: { $gt: now } }] };
    const found = await this.tokens.findOne({ _id: new Types.ObjectId(id), ...good }).lean();
    return found !== null && this.isOfWelcome(found);
  }

  /** Whether a token was withdrawn, some seconds ago at least. */
  isWithdrawn(id: string): Promise<boolean> {
    return this.withdrawals.isWithdrawn(id);
  }

  /** It was withdrawn in this process. */
  forget(id: string): void {
    this.withdrawals.forget(id);
  }

  private isOfWelcome({ tenant_id, user_id }: AccessTokenDocument): Promise<boolean> {
    return this.standing.isWelcome(tenant_id as TenantId, user_id);
  }

  private noteUse({ _id, last_used_at }: AccessTokenDocument): void {
    const now = this.clock.now();
    if (last_used_at && now - last_used_at.getTime() < LAST_USED_STEP_MS) return;
    // Nobody waits for it, and a request does not fail because of it.
    this.tokens.updateOne({ _id }, { $max: { last_used_at: new Date(now) } }).catch((err: unknown) => {
      this.logger.warn('the last use of a token was not noted', { err });
    });
  }
}
