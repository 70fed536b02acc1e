import {
  Body,
  Controller,
  Header,
  HttpCode,
  Injectable,
  Param,
  Post,
  UseGuards,
  type CanActivate,
} from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { AuditLog } from '../../audit/index.js';
import { AppError, type Actor, type TenantId } from '../../common/index.js';
import {
  ApiProblems,
  CurrentActor,
  ForAnybody,
  ProjectIdPipe,
  TenantIdPipe,
} from '../../platform/http/index.js';
import { ServiceTokens } from '../service-tokens.js';
import { AgentLoginDto, LoginView } from './agent-login.dto.js';

/** Says that agents cannot log in before it looks at what they sent. */
@Injectable()
export class LoginEnabled implements CanActivate {
  constructor(private readonly tokens: ServiceTokens) {}

  /** @throws AppError 404 `login_disabled`. */
  canActivate(): boolean {
    if (this.tokens.isEnabled) return true;
    throw new AppError('login_disabled', {});
  }
}

/** Where agent services get their tokens. */
@ApiTags('authentication')
@Controller('ai-agent/:tenant_id/:project_id')
export class AgentLoginController {
  constructor(
    private readonly tokens: ServiceTokens,
    private readonly audit: AuditLog,
  ) {}

  @Post('login')
  @HttpCode(200)
  @ForAnybody()
  @UseGuards(LoginEnabled)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Log in as an agent service',
    description:
      'With the `AI_AGENT_SECRET` of the server. The token may act for any user of the tenant; its `sub` is `agent:{project_id}`.',
  })
  @ApiParam({ name: 'tenant_id', example: 'acme' })
  @ApiParam({ name: 'project_id', example: 'support' })
  @ApiOkResponse({ description: 'The token.', type: LoginView })
  @ApiProblems(
    'invalid_tenant_id',
    'invalid_project_id',
    'validation_failed',
    'invalid_json',
    'wrong_agent_secret',
    'login_disabled',
    'body_too_large',
    'unsupported_media_type',
  )
  async login(
    @Param('tenant_id', TenantIdPipe) tenantId: string,
    @Param('project_id', ProjectIdPipe) projectId: string,
    @Body() { agent_secret: secret }: AgentLoginDto,
    @CurrentActor() actor: Actor,
  ): Promise<LoginView> {
    const by = { tenant: tenantId as TenantId, actor };
    const object = { kind: 'agent', id: projectId } as const;
    try {
      const { token, expiresIn } = await this.tokens.login({ tenantId, projectId, secret });
      await this.audit.record(by, { action: 'login', object });
      return { access_token: token, token_type: 'Bearer', expires_in: expiresIn };
    } catch (error) {
      if (error instanceof AppError && error.code === 'wrong_agent_secret')
        await this.audit.record(by, { action: 'login_failed', object });
      throw error;
    }
  }
}
