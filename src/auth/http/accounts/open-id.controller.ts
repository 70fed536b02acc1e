import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiFoundResponse, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, Matches, MaxLength } from 'class-validator';
import type { Request, Response } from 'express';
import type { Actor } from '../../../common/index.js';
import { Settings } from '../../../platform/config/index.js';
import { ApiProblems, CurrentActor, ForAnybody } from '../../../platform/http/index.js';
import { keepFlow, takeFlow } from '../../openid/flow-cookie.js';
import { OpenIdProvider } from '../../openid/open-id-provider.js';
import { OpenIdSignIn } from '../../openid/open-id-sign-in.js';
import { SessionCookie } from '../../sessions/session-cookie.js';

/** Query of `GET /api/auth/oidc/login`. */
export class OpenIdLoginDto {
  @ApiPropertyOptional({
    default: '/',
    example: '/documents',
    description: 'Path of the page to go to afterwards.',
  })
  @IsOptional()
  @MaxLength(2000)
  @Matches(/^\/(?![/\\])[\x21-\x7e]*$/, { message: 'must be a path of this server' })
  to?: string;
}

/** Logging in with an OpenID provider; for browsers, which are sent there and back. */
@ApiTags('authentication')
@Controller('auth/oidc')
export class OpenIdController {
  constructor(
    private readonly provider: OpenIdProvider,
    private readonly signIn: OpenIdSignIn,
    private readonly cookie: SessionCookie,
    private readonly settings: Settings,
  ) {}

  @Get('login')
  @ForAnybody()
  @ApiOperation({
    summary: 'Log in with the OpenID provider',
    description: 'Sends the browser to the provider.',
  })
  @ApiFoundResponse({ description: 'To the provider.' })
  @ApiProblems('validation_failed', 'identity_provider_unavailable')
  async login(@Query() { to = '/' }: OpenIdLoginDto, @Res() response: Response): Promise<void> {
    const { url, flow } = await this.provider.begin(to);
    keepFlow(response, flow, this.isSecure);
    response.set('Cache-Control', 'no-store').redirect(url.href);
  }

  @Get('callback')
  @ForAnybody()
  @ApiOperation({
    summary: 'Come back from the OpenID provider',
    description:
      'Where the provider sends the browser. Logs it in; if that fails, the page says why (`?login_error=`).',
  })
  @ApiFoundResponse({ description: 'To the page.' })
  @ApiProblems()
  async callback(
    @CurrentActor() actor: Actor,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const flow = takeFlow(request, response, this.isSecure);
    const outcome = await this.signIn.finish(request.originalUrl, flow, { actor, isSecure: this.isSecure });
    response.set('Cache-Control', 'no-store').set('Referrer-Policy', 'no-referrer');
    if ('refused' in outcome) response.redirect(`/?login_error=${outcome.refused}`);
    else {
      this.cookie.set(request, response, outcome.cookie, this.isSecure);
      response.redirect(flow?.to ?? '/');
    }
  }

  private get isSecure(): boolean {
    return this.settings.PUBLIC_URL?.startsWith('https:') === true;
  }
}
