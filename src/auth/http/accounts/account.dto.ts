import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsNotEmpty, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator';
import { IsCleanText } from '../../../platform/http/index.js';
import { ROLES, type Role } from '../../accounts/account.schema.js';
import { LinkSecret, LoginEmail, NewPassword, Password, PersonName } from './fields.js';

/** Body of `POST /api/auth/login`. */
export class SignInDto {
  @LoginEmail()
  email!: string;

  @Password()
  password!: string;
}

/** Body of `POST /api/v1/auth/login`: `email`, or the same as `username`. */
export class TokenLoginDto {
  @ApiPropertyOptional({ example: 'alice@company.com', description: 'Or `username`.' })
  @ValidateIf(({ username, email }: TokenLoginDto) => username === undefined || email !== undefined)
  @IsCleanText()
  @IsNotEmpty()
  @MaxLength(254)
  email?: string;

  @ApiPropertyOptional({ example: 'alice@company.com', description: 'Instead of `email`; means the same.' })
  @ValidateIf(({ username }: TokenLoginDto) => username !== undefined)
  @IsCleanText()
  @IsNotEmpty()
  @MaxLength(254)
  username?: string;

  @Password()
  password!: string;
}

/** Body of `POST /api/v1/auth/refresh`. */
export class RefreshDto {
  @ApiProperty({ example: 'rpr_…', writeOnly: true })
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  refresh_token!: string;
}

/** Body of `POST /api/auth/password`. */
export class ChangePasswordDto {
  @Password()
  current_password!: string;

  @NewPassword()
  new_password!: string;
}

/** Body of `POST /api/auth/links/look`. */
export class LookAtLinkDto {
  @LinkSecret()
  link!: string;
}

/** Body of `POST /api/auth/links/use`. What is needed beside the password depends on the link. */
export class UseLinkDto {
  @LinkSecret()
  link!: string;

  @ApiPropertyOptional()
  @ValidateIf(({ email }: UseLinkDto) => email !== undefined)
  @LoginEmail()
  email?: string;

  @ApiPropertyOptional()
  @ValidateIf(({ name }: UseLinkDto) => name !== undefined)
  @PersonName()
  name?: string;

  @NewPassword()
  password!: string;
}

/** Body of `POST /api/invitations`. */
export class InviteDto {
  @LoginEmail()
  email!: string;

  @ApiPropertyOptional({ enum: ROLES, default: 'user' })
  @IsOptional()
  @IsIn(ROLES)
  role?: Role | null;
}

/** Body of `PATCH /api/accounts/{user_id}`. An omitted field stays unchanged. */
export class ChangeAccountDto {
  @ApiPropertyOptional()
  @ValidateIf(({ name }: ChangeAccountDto) => name !== undefined)
  @PersonName()
  name?: string;

  @ApiPropertyOptional({ enum: ROLES })
  @ValidateIf(({ role }: ChangeAccountDto) => role !== undefined)
  @IsIn(ROLES)
  role?: Role;

  @ApiPropertyOptional({ description: 'A disabled account cannot log in; what it has stays.' })
  @ValidateIf(({ is_disabled }: ChangeAccountDto) => is_disabled !== undefined)
  @IsBoolean()
  is_disabled?: boolean;
}
