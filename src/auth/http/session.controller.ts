import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { ANY_USER } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { ApiProblems, CurrentCaller, type Caller } from '../../platform/http/index.js';
import { ROLES, type Role } from '../accounts/account.schema.js';
import { Accounts } from '../accounts/accounts.js';

/** Who the server takes its caller for. */
export class SessionView {
  @ApiProperty({ enum: ['none', 'accounts', 'jwt'] })
  auth_mode!: Settings['AUTH_MODE'];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'alice@company.com',
    description: 'The user id for paths; `null` without authentication: any.',
  })
  user_id!: string | null;

  @ApiProperty({ example: 'default' })
  tenant_id!: string;

  @ApiProperty({ example: false, description: 'Whether the caller may see everything of the tenant.' })
  is_admin!: boolean;

  @ApiProperty({ type: String, nullable: true, example: 'Alice Andersen', description: 'Of an account.' })
  name!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'alice@company.com', description: 'Of an account.' })
  email!: string | null;

  @ApiProperty({ enum: ROLES, nullable: true, example: 'user', description: 'Of an account.' })
  role!: Role | null;

  @ApiProperty({ type: String, nullable: true, example: '2025-10-12T11:00:00.000Z' })
  expires_at!: string | null;
}

/** For pages that are embedded: their user is whoever the cookie or the token names. */
@ApiTags('authentication')
@Controller('session')
export class SessionController {
  constructor(
    private readonly settings: Settings,
    private readonly accounts: Accounts,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Who am I?',
    description: 'Who the server takes the caller for: the user id for paths, and until when.',
  })
  @ApiOkResponse({ description: 'The caller.', type: SessionView })
  @ApiProblems()
  async get(@CurrentCaller() { tenant, user, subject, permission }: Caller): Promise<SessionView> {
    const isAccount = this.settings.AUTH_MODE === 'accounts' && subject !== undefined;
    const account = isAccount ? await this.accounts.byId(subject) : null;
    return {
      auth_mode: this.settings.AUTH_MODE,
      user_id: subject ?? null,
      tenant_id: tenant,
      is_admin: subject !== undefined && user === ANY_USER,
      name: account?.name ?? null,
      email: account?.email ?? null,
      role: account?.role ?? null,
      expires_at: permission?.until === undefined ? null : new Date(permission.until).toISOString(),
    };
  }
}
