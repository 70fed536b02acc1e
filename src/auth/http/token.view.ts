import { ApiProperty } from '@nestjs/swagger';
import { TOKEN_SCOPES, type AccessTokenDocument, type TokenScope } from '../tokens/access-token.schema.js';
import type { NewToken } from '../tokens/token-keeper.js';

/** A personal token as its owner sees it. */
export class TokenView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  token_id!: string;

  @ApiProperty({ example: 'Nightly report' })
  name!: string;

  @ApiProperty({ enum: TOKEN_SCOPES, isArray: true })
  scopes!: TokenScope[];

  @ApiProperty({ example: '2025-10-12T10:01:00.000Z' })
  created_at!: string;

  @ApiProperty({ type: String, nullable: true, example: '2026-10-12T10:01:00.000Z' })
  expires_at!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'To the minute.' })
  last_used_at!: string | null;
}

/** A new token: the only time its text is shown. */
export class NewTokenView extends TokenView {
  @ApiProperty({ example: 'rp_…', description: 'Shown only now. Send it as `Authorization: Bearer`.' })
  token!: string;
}

/** The tokens of a user. */
export class TokenListView {
  @ApiProperty({ type: [TokenView], description: 'Newest first.' })
  items!: TokenView[];
}

export function toTokenView(token: AccessTokenDocument): TokenView {
  return {
    token_id: token._id.toHexString(),
    name: token.name,
    scopes: token.scopes,
    created_at: token.created_at.toISOString(),
    expires_at: token.expires_at?.toISOString() ?? null,
    last_used_at: token.last_used_at?.toISOString() ?? null,
  };
}

export function toNewTokenView({ token, text }: NewToken): NewTokenView {
  return { ...toTokenView(token), token: text };
}
