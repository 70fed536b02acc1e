import {
  Body,
  Controller,
  Header,
  HttpCode,
  Injectable,
  Optional,
  Post,
  Req,
  UseGuards,
  type CanActivate,
} from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { AppError, type Actor } from '../../../common/index.js';
import { Settings } from '../../../platform/config/index.js';
import { addressKey, ApiProblems, CurrentActor, ForAnybody } from '../../../platform/http/index.js';
import { SignIn } from '../../accounts/sign-in.js';
import { LoginTokens } from '../../sessions/login-tokens.js';
import { RefreshDto, TokenLoginDto } from './account.dto.js';
import { TokenPairView, toTokenPairView } from './account.view.js';

/** Says that people have no passwords here before it looks at what they sent. */
@Injectable()
export class PasswordsEnabled implements CanActivate {
  constructor(private readonly settings: Settings) {}

  /** @throws AppError 404 `login_disabled`. */
  canActivate(): boolean {
    if (this.settings.AUTH_MODE === 'accounts') return true;
    throw new AppError('login_disabled', { who: 'people' });
  }
}

const PROBLEMS = [
  ...(['validation_failed', 'invalid_json', 'body_too_large', 'unsupported_media_type'] as const),
  'login_disabled',
] as const;

/** Where programs log in for a person. */
@ApiTags('authentication')
@Controller('api/v1/auth')
@UseGuards(PasswordsEnabled)
export class TokenLoginController {
  constructor(
    @Optional() private readonly signIn: SignIn,
    private readonly tokens: LoginTokens,
  ) {}

  @Post('login')
  @HttpCode(200)
  @ForAnybody()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Log in with a program',
    description: 'For a person, by email address and password. Browsers use `POST /api/auth/login`.',
  })
  @ApiOkResponse({ description: 'Tokens.', type: TokenPairView })
  @ApiProblems(...PROBLEMS, 'wrong_credentials', 'account_disabled', 'too_many_attempts')
  async login(
    @Body() { email, username, password }: TokenLoginDto,
    @CurrentActor() actor: Actor,
    @Req() request: Request,
  ): Promise<TokenPairView> {
    const who = { email: email ?? username ?? '', password, address: addressKey(request), actor };
    const account = await this.signIn.account(who);
    return toTokenPairView({ pair: await this.tokens.begin(account), account });
  }

  @Post('refresh')
  @HttpCode(200)
  @ForAnybody()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Get new tokens',
    description:
      'A refresh token is good once. One that comes again was copied: it ends the login with all its tokens.',
  })
  @ApiOkResponse({ description: 'New tokens.', type: TokenPairView })
  @ApiProblems(...PROBLEMS, 'token_invalid', 'token_expired')
  async refresh(@Body() { refresh_token: token }: RefreshDto): Promise<TokenPairView> {
    return toTokenPairView(await this.tokens.refresh(token));
  }
}
