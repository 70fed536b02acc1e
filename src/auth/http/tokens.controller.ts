import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Clock, type Scope } from '../../common/index.js';
import { ApiProblems, CurrentScope, InPerson, TokenIdPipe, UserIdPipe } from '../../platform/http/index.js';
import { TokenKeeper } from '../tokens/token-keeper.js';
import { CreateTokenDto } from './create-token.dto.js';
import { NewTokenView, TokenListView, toNewTokenView, toTokenView } from './token.view.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;

/** Personal tokens: for programs that act for a user. */
@ApiTags('authentication')
@ApiParam({ name: 'user_id', example: 'alice@company.com' })
@Controller('users/:user_id/tokens')
export class TokensController {
  constructor(
    private readonly tokens: TokenKeeper,
    private readonly clock: Clock,
  ) {}

  @Post()
  @InPerson()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Create a personal token',
    description: 'The response is the only one that contains the token. No token can create tokens.',
  })
  @ApiCreatedResponse({ type: NewTokenView })
  @ApiProblems(
    'invalid_user_id',
    'validation_failed',
    'invalid_json',
    'insufficient_scope',
    'user_not_found',
    'too_many_tokens',
    'body_too_large',
    'unsupported_media_type',
  )
  async create(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
    @Body() { name, scopes, expires_in_days: days = DEFAULT_DAYS }: CreateTokenDto,
  ): Promise<NewTokenView> {
    const expiresAt = days === null ? undefined : new Date(this.clock.now() + days * DAY_MS);
    return toNewTokenView(
      await this.tokens.create(scope, userId, { name, scopes: scopes ?? ['read'], expiresAt }),
    );
  }

  @Get()
  @InPerson()
  @ApiOperation({ summary: "List a user's tokens", description: 'Without the tokens themselves.' })
  @ApiOkResponse({ type: TokenListView })
  @ApiProblems('invalid_user_id', 'insufficient_scope', 'user_not_found')
  async list(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
  ): Promise<TokenListView> {
    return { items: (await this.tokens.list(scope, userId)).map(toTokenView) };
  }

  @Delete(':token_id')
  @InPerson()
  @HttpCode(204)
  @ApiOperation({ summary: 'Withdraw a personal token', description: 'At once; its open streams end.' })
  @ApiParam({ name: 'token_id', example: '68eb95dcac4dd9ac2789890e' })
  @ApiNoContentResponse({ description: 'The token is not accepted any more.' })
  @ApiProblems(
    'invalid_user_id',
    'invalid_token_id',
    'insufficient_scope',
    'user_not_found',
    'token_not_found',
  )
  async revoke(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
    @Param('token_id', TokenIdPipe) tokenId: string,
  ): Promise<void> {
    await this.tokens.revoke(scope, userId, tokenId);
  }
}
