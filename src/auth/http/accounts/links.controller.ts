import { Body, Controller, Header, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Actor } from '../../../common/index.js';
import {
  addressKey,
  ApiProblems,
  CurrentActor,
  ForAnybody,
  SameOriginOnly,
} from '../../../platform/http/index.js';
import { BrowserSessions } from '../../accounts/browser-sessions.js';
import { JoiningDesk } from '../../accounts/joining.js';
import { LoginAttempts } from '../../accounts/login-attempts.js';
import { SignIn } from '../../accounts/sign-in.js';
import { isOverTls, SessionCookie } from '../../sessions/session-cookie.js';
import { LookAtLinkDto, UseLinkDto } from './account.dto.js';
import { LinkPurposeView, PersonView, toPersonView } from './account.view.js';

const PROBLEMS = [
  ...(['validation_failed', 'invalid_json', 'body_too_large', 'unsupported_media_type'] as const),
  ...(['link_not_found', 'too_many_attempts', 'cross_site'] as const),
] as const;

/** Links that work once: to set up the server, to accept an invitation, to set a new password. */
@ApiTags('authentication')
@Controller('auth/links')
@UseGuards(SameOriginOnly)
export class LinksController {
  constructor(
    private readonly desk: JoiningDesk,
    private readonly attempts: LoginAttempts,
    private readonly signIn: SignIn,
    private readonly browsers: BrowserSessions,
    private readonly cookie: SessionCookie,
  ) {}

  @Post('look')
  @HttpCode(200)
  @ForAnybody()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'What is a link good for?', description: 'It stays good.' })
  @ApiOkResponse({ description: 'Its purpose.', type: LinkPurposeView })
  @ApiProblems(...PROBLEMS)
  async look(@Body() { link }: LookAtLinkDto, @Req() request: Request): Promise<LinkPurposeView> {
    const found = await this.attempts.guard({ address: addressKey(request) }, () => this.desk.look(link));
    return { kind: found.kind, email: found.email, expires_at: found.expires_at.toISOString() };
  }

  @Post('use')
  @HttpCode(200)
  @ForAnybody()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Use a link',
    description:
      'Once. To set up: `email`, `name` and `password`; to accept an invitation: `name` and `password`; to set a new password: `password`. Logs the browser in.',
  })
  @ApiOkResponse({ description: 'Who is logged in.', type: PersonView })
  @ApiProblems(...PROBLEMS, 'account_exists', 'account_disabled')
  async use(
    @Body() { link, ...joining }: UseLinkDto,
    @CurrentActor() actor: Actor,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PersonView> {
    const used = await this.attempts.guard({ address: addressKey(request) }, () =>
      this.desk.use(link, { ...joining, actor }),
    );
    const account = await this.signIn.welcome(used, actor, 'link');
    this.cookie.set(request, response, await this.browsers.begin(account, isOverTls(request)));
    return toPersonView(account);
  }
}
