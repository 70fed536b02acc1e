import { Body, Controller, Header, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Actor, Scope } from '../../../common/index.js';
import {
  addressKey,
  ApiProblems,
  CurrentActor,
  CurrentCaller,
  CurrentScope,
  ForAnybody,
  InPerson,
  SameOriginOnly,
  type Caller,
} from '../../../platform/http/index.js';
import { BrowserSessions } from '../../accounts/browser-sessions.js';
import { OwnAccount } from '../../accounts/own-account.js';
import { SignIn } from '../../accounts/sign-in.js';
import { isOverTls, SessionCookie } from '../../sessions/session-cookie.js';
import { ChangePasswordDto, SignInDto } from './account.dto.js';
import { PersonView, toPersonView } from './account.view.js';

const BODY_PROBLEMS = [
  'validation_failed',
  'invalid_json',
  'body_too_large',
  'unsupported_media_type',
] as const;

/** How people log in and out with a browser. */
@ApiTags('authentication')
@Controller('auth')
@UseGuards(SameOriginOnly)
export class SignInController {
  constructor(
    private readonly signIn: SignIn,
    private readonly browsers: BrowserSessions,
    private readonly own: OwnAccount,
    private readonly cookie: SessionCookie,
  ) {}

  @Post('login')
  @HttpCode(200)
  @ForAnybody()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Log in with a browser',
    description: 'The login is in an `HttpOnly` cookie. Programs use `POST /api/v1/auth/login`.',
  })
  @ApiOkResponse({ description: 'Who has logged in.', type: PersonView })
  @ApiProblems(...BODY_PROBLEMS, 'wrong_credentials', 'account_disabled', 'too_many_attempts', 'cross_site')
  async login(
    @Body() { email, password }: SignInDto,
    @CurrentActor() actor: Actor,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PersonView> {
    const account = await this.signIn.account({ email, password, address: addressKey(request), actor });
    this.cookie.set(request, response, await this.browsers.begin(account, isOverTls(request)));
    return toPersonView(account);
  }

  @Post('logout')
  @InPerson()
  @HttpCode(204)
  @ApiOperation({ summary: 'Log out', description: 'Ends this login at once, with its streams and tickets.' })
  @ApiNoContentResponse({ description: 'The login has ended.' })
  @ApiProblems('insufficient_scope', 'cross_site')
  async logout(
    @CurrentScope() scope: Scope,
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.own.logout(scope, caller);
    this.cookie.clear(request, response);
  }

  @Post('logout-everywhere')
  @InPerson()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Log out everywhere',
    description: 'Ends all logins of the caller, in all browsers and programs. Personal tokens stay.',
  })
  @ApiNoContentResponse({ description: 'All logins have ended.' })
  @ApiProblems('insufficient_scope', 'cross_site')
  async logoutEverywhere(
    @CurrentScope() scope: Scope,
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.own.logoutEverywhere(scope, caller);
    this.cookie.clear(request, response);
  }

  @Post('password')
  @InPerson()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Change the own password',
    description: 'All other logins of the caller end.',
  })
  @ApiNoContentResponse({ description: 'The password has been changed.' })
  @ApiProblems(...BODY_PROBLEMS, 'insufficient_scope', 'wrong_password', 'too_many_attempts', 'cross_site')
  async changePassword(
    @CurrentScope() scope: Scope,
    @CurrentCaller() caller: Caller,
    @Body() { current_password, new_password }: ChangePasswordDto,
    @Req() request: Request,
  ): Promise<void> {
    const address = addressKey(request);
    await this.own.changePassword(scope, caller, {
      current: current_password,
      wanted: new_password,
      address,
    });
  }
}
