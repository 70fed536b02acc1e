import { ApiProperty } from '@nestjs/swagger';
import { ROLES, type AccountDocument, type Role } from '../../accounts/account.schema.js';
import type { AccountLinkDocument, LinkKind } from '../../accounts/account-link.schema.js';
import type { NewLink } from '../../accounts/account-links.js';
import type { IssuedPair } from '../../sessions/login-tokens.js';

/** Somebody who has logged in. */
export class PersonView {
  @ApiProperty({ example: 'u_0f3a9c7d5b1e286440', description: 'The user id for paths.' })
  user_id!: string;

  @ApiProperty({ example: 'alice@company.com' })
  email!: string;

  @ApiProperty({ example: 'Alice Andersen' })
  name!: string;

  @ApiProperty({ enum: ROLES })
  role!: Role;
}

/** An account as administrators see it. */
export class AccountView extends PersonView {
  @ApiProperty({ description: 'Whether the account cannot log in at present.' })
  is_disabled!: boolean;

  @ApiProperty({ description: 'Whether it has a password; if not, it logs in with the OpenID provider.' })
  has_password!: boolean;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:01:00.000Z' })
  created_at!: string;

  @ApiProperty({ type: String, nullable: true, example: '2025-10-12T10:01:00.000Z' })
  last_login_at!: string | null;
}

/** An invitation that nobody has used. */
export class InvitationView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  invitation_id!: string;

  @ApiProperty({ example: 'alice@company.com' })
  email!: string;

  @ApiProperty({ enum: ROLES })
  role!: Role;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:01:00.000Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-19T10:01:00.000Z' })
  expires_at!: string;
}

/** All invitations. */
export class InvitationListView {
  @ApiProperty({ type: [InvitationView], description: 'Newest first.' })
  items!: InvitationView[];
}

/** A new link: the only time it is shown. */
export class LinkView {
  @ApiProperty({
    example: '/join#rpl_…',
    description: 'Put the address of this server before it and give it to the person. Shown only now.',
  })
  path!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-19T10:01:00.000Z' })
  expires_at!: string;
}

/** A new invitation. */
export class NewInvitationView extends InvitationView {
  @ApiProperty({
    example: '/join#rpl_…',
    description: 'Put the address of this server before it and give it to the person. Shown only now.',
  })
  path!: string;
}

/** What a link is good for. */
export class LinkPurposeView {
  @ApiProperty({ enum: ['setup', 'invitation', 'reset'] })
  kind!: LinkKind;

  @ApiProperty({ type: String, nullable: true, description: 'Who is invited.' })
  email!: string | null;

  @ApiProperty({ format: 'date-time', example: '2025-10-19T10:01:00.000Z' })
  expires_at!: string;
}

/** Tokens of a program that has logged in for a person, as in OAuth 2. */
export class TokenPairView {
  @ApiProperty({ example: 'rpa_…', description: 'Send it as `Authorization: Bearer`.' })
  access_token!: string;

  @ApiProperty({ example: 'rpr_…', description: 'Good once, for a new pair.' })
  refresh_token!: string;

  @ApiProperty({ enum: ['Bearer'] })
  token_type!: 'Bearer';

  @ApiProperty({ type: 'integer', example: 3600, description: 'Of the access token, seconds.' })
  expires_in!: number;

  @ApiProperty({ type: PersonView })
  user!: PersonView;
}

export function toPersonView({ user_id, email, name, role }: AccountDocument): PersonView {
  return { user_id, email, name, role };
}

export function toAccountView(account: AccountDocument): AccountView {
  return {
    ...toPersonView(account),
    is_disabled: account.disabled_at !== null,
    has_password: account.password !== null,
    created_at: account.created_at.toISOString(),
    last_login_at: account.last_login_at?.toISOString() ?? null,
  };
}

export function toInvitationView(link: AccountLinkDocument): InvitationView {
  return {
    invitation_id: link._id.toHexString(),
    email: link.email ?? '',
    role: link.role ?? 'user',
    created_at: link.created_at.toISOString(),
    expires_at: link.expires_at.toISOString(),
  };
}

export function toLinkView({ link, path }: NewLink): LinkView {
  return { path, expires_at: link.expires_at.toISOString() };
}

export function toTokenPairView({ pair, account }: IssuedPair): TokenPairView {
  return {
    access_token: pair.access,
    refresh_token: pair.refresh,
    token_type: 'Bearer',
    expires_in: pair.expiresIn,
    user: toPersonView(account),
  };
}
