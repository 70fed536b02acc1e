import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Scope } from '../../../common/index.js';
import {
  ApiProblems,
  CurrentScope,
  InvitationIdPipe,
  ManagesAccounts,
} from '../../../platform/http/index.js';
import { AccountKeeper } from '../../accounts/account-keeper.js';
import { AccountLinks } from '../../accounts/account-links.js';
import { InviteDto } from './account.dto.js';
import { InvitationListView, NewInvitationView, toInvitationView } from './account.view.js';

/** Invitations, for administrators. */
@ApiTags('accounts')
@Controller('invitations')
export class InvitationsController {
  constructor(
    private readonly keeper: AccountKeeper,
    private readonly links: AccountLinks,
  ) {}

  @Post()
  @ManagesAccounts()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Invite somebody',
    description: 'The response is the only one that contains the link. It replaces an earlier invitation.',
  })
  @ApiCreatedResponse({ description: 'The invitation.', type: NewInvitationView })
  @ApiProblems(
    ...(['validation_failed', 'invalid_json', 'insufficient_scope', 'account_exists'] as const),
    ...(['body_too_large', 'unsupported_media_type'] as const),
  )
  async invite(@CurrentScope() scope: Scope, @Body() { email, role }: InviteDto): Promise<NewInvitationView> {
    const { link, path } = await this.keeper.invite(scope, { email, role: role ?? 'user' });
    return { ...toInvitationView(link), path };
  }

  @Get()
  @ManagesAccounts()
  @ApiOperation({
    summary: 'List invitations',
    description: 'Those that nobody has used and that are valid.',
  })
  @ApiOkResponse({ description: 'The invitations.', type: InvitationListView })
  @ApiProblems('insufficient_scope')
  async list(): Promise<InvitationListView> {
    return { items: (await this.links.invitations()).map(toInvitationView) };
  }

  @Delete(':invitation_id')
  @ManagesAccounts()
  @HttpCode(204)
  @ApiParam({ name: 'invitation_id', example: '68eb95dcac4dd9ac2789890e' })
  @ApiOperation({ summary: 'Withdraw an invitation', description: 'Its link is not good any more.' })
  @ApiNoContentResponse({ description: 'The invitation has been withdrawn.' })
  @ApiProblems('invalid_invitation_id', 'insufficient_scope', 'invitation_not_found')
  async withdraw(@Param('invitation_id', InvitationIdPipe) id: string): Promise<void> {
    await this.links.withdraw(id);
  }
}
