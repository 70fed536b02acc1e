import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { AuditLog } from '../../audit/index.js';
import { AppError, Clock, covers, type Scope } from '../../common/index.js';
import { UsersService } from '../../users/index.js';
import { ACCESS_TOKEN, type AccessTokenDocument, type TokenScope } from './access-token.schema.js';
import { AccessTokens } from './access-tokens.js';
import { hashOf, newTokenText } from './token-text.js';

/** What a person wants of a new token. */
export interface TokenWish {
  name: string;
  scopes: readonly TokenScope[];
  /** Default: it does not expire. */
  expiresAt?: Date | undefined;
}

/** A new token. Its text is stored nowhere. */
export interface NewToken {
  token: AccessTokenDocument;
  text: string;
}

const MAX_PER_USER = 50;

/** Personal tokens as their owners see them: create, list, withdraw. */
@Injectable()
export class TokenKeeper {
  constructor(
    @InjectModel(ACCESS_TOKEN) private readonly tokens: Model<AccessTokenDocument>,
    private readonly users: UsersService,
    private readonly access: AccessTokens,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /** @throws AppError 404 `user_not_found`, 409 `too_many_tokens`. */
  async create(scope: Scope, userId: string, { name, scopes, expiresAt }: TokenWish): Promise<NewToken> {
    // The user exists from now on, so that erasing them takes the token along.
    const { tenant_id, user_id } = await this.users.getOrCreate(scope, userId);
    if ((await this.tokens.countDocuments({ tenant_id, user_id })) >= MAX_PER_USER)
      throw new AppError('too_many_tokens', { max: MAX_PER_USER });
    const text = newTokenText(this.access.key);
    const token: AccessTokenDocument = {
      _id: new Types.ObjectId(),
      tenant_id,
      user_id,
      name,
      scopes: scopes.includes('write') ? ['read', 'write'] : ['read'],
      hash: hashOf(text),
      created_at: new Date(this.clock.now()),
      expires_at: expiresAt ?? null,
      last_used_at: null,
    };
    await this.tokens.create(token);
    await this.audit.record(scope, {
      action: 'token_created',
      user: user_id,
      object: { kind: 'token', id: token._id.toHexString() },
      detail: { scopes: token.scopes.join(' ') },
    });
    return { token, text };
  }

  /** Newest first; there are few. @throws AppError 404 `user_not_found` for a user outside the scope. */
  async list(scope: Scope, userId: string): Promise<AccessTokenDocument[]> {
    return this.tokens.find(ownedBy(scope, userId)).sort({ created_at: -1, _id: -1 }).lean();
  }

  /** At once, in all processes. @throws AppError 404 `user_not_found`, `token_not_found`. */
  async revoke(scope: Scope, userId: string, tokenId: string): Promise<void> {
    const key = { ...ownedBy(scope, userId), _id: new Types.ObjectId(tokenId) };
    const { deletedCount } = await this.tokens.deleteOne(key);
    this.access.forget(tokenId);
    if (deletedCount === 0) throw new AppError('token_not_found', { id: tokenId });
    const object = { kind: 'token', id: tokenId } as const;
    await this.audit.record(scope, { action: 'token_withdrawn', user: userId, object });
  }
}

function ownedBy(scope: Scope, userId: string): { tenant_id: string; user_id: string } {
  if (!covers(scope, userId)) throw new AppError('user_not_found', { id: userId });
  return { tenant_id: scope.tenant, user_id: userId };
}
