import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { toPage, type Page, type Scope } from '../../../common/index.js';
import {
  ApiPage,
  ApiProblems,
  CurrentScope,
  ManagesAccounts,
  PageQueryDto,
  UserIdPipe,
} from '../../../platform/http/index.js';
import { AccountKeeper } from '../../accounts/account-keeper.js';
import { Accounts } from '../../accounts/accounts.js';
import { ChangeAccountDto } from './account.dto.js';
import { AccountView, LinkView, toAccountView, toLinkView } from './account.view.js';

/** Accounts, for administrators. */
@ApiTags('accounts')
@Controller('accounts')
export class AccountsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly keeper: AccountKeeper,
  ) {}

  @Get()
  @ManagesAccounts()
  @ApiOperation({ summary: 'List accounts', description: 'Oldest first.' })
  @ApiPage(AccountView)
  @ApiProblems('validation_failed', 'insufficient_scope')
  async list(@Query() query: PageQueryDto): Promise<Page<AccountView>> {
    const { items, total } = await this.accounts.page(query.page, query.page_size);
    return toPage(items.map(toAccountView), total, query);
  }

  @Patch(':user_id')
  @ManagesAccounts()
  @ApiParam({ name: 'user_id', example: 'u_0f3a9c7d5b1e286440' })
  @ApiOperation({
    summary: 'Change an account',
    description:
      'Its name, its role, whether it can log in. Who loses a right is logged out everywhere; open streams end.',
  })
  @ApiOkResponse({ description: 'The changed account.', type: AccountView })
  @ApiProblems(
    ...(['invalid_user_id', 'validation_failed', 'invalid_json', 'insufficient_scope'] as const),
    ...(['account_not_found', 'last_admin', 'body_too_large', 'unsupported_media_type'] as const),
  )
  async change(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
    @Body() { name, role, is_disabled: isDisabled }: ChangeAccountDto,
  ): Promise<AccountView> {
    return toAccountView(await this.keeper.change(scope, userId, { name, role, isDisabled }));
  }

  @Delete(':user_id')
  @ManagesAccounts()
  @HttpCode(204)
  @ApiParam({ name: 'user_id', example: 'u_0f3a9c7d5b1e286440' })
  @ApiOperation({
    summary: 'Delete an account',
    description:
      'With all chats, messages, events, tool calls, files and tokens of its user. Cannot be undone.',
  })
  @ApiNoContentResponse({ description: 'The account has been deleted.' })
  @ApiProblems('invalid_user_id', 'insufficient_scope', 'account_not_found', 'last_admin')
  async delete(@CurrentScope() scope: Scope, @Param('user_id', UserIdPipe) userId: string): Promise<void> {
    await this.keeper.delete(scope, userId);
  }

  @Post(':user_id/reset-link')
  @ManagesAccounts()
  @Header('Cache-Control', 'no-store')
  @ApiParam({ name: 'user_id', example: 'u_0f3a9c7d5b1e286440' })
  @ApiOperation({
    summary: 'Make a link to set a new password',
    description: 'Good once, for a day. An earlier one of the same account is not good any more.',
  })
  @ApiCreatedResponse({ description: 'The link.', type: LinkView })
  @ApiProblems('invalid_user_id', 'insufficient_scope', 'account_not_found')
  async resetLink(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
  ): Promise<LinkView> {
    return toLinkView(await this.keeper.resetLink(scope, userId));
  }
}
