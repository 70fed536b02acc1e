import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentScope, MessageIdPipe } from '../../platform/http/index.js';
import { ApprovalsService } from '../control/approvals.service.js';
import { ApprovalView, toApprovalView } from './approval.view.js';
import { DecisionDto } from './decision.dto.js';

/** Decisions about tool calls that need approval. */
@ApiTags('runs')
@ApiParam({ name: 'message_id', example: '68eb95dcac4dd9ac2789890e' })
@ApiParam({ name: 'call_id', example: 'call_abc123' })
@Controller('messages/:message_id/approvals')
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  @Post(':call_id')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Approve or reject a tool call',
    description:
      'The log names the calls that wait (`approval_required`), and tells the decision (`approval_resolved`). The first decision counts; a second one gets 409.',
  })
  @ApiOkResponse({ type: ApprovalView })
  @ApiProblems(
    'invalid_message_id',
    'validation_failed',
    'message_not_found',
    'approval_not_found',
    'approval_already_decided',
    'invalid_tool_arguments',
  )
  async decide(
    @CurrentScope() scope: Scope,
    @Param('message_id', MessageIdPipe) messageId: string,
    @Param('call_id') callId: string,
    @Body() { decision, reason, arguments: changed }: DecisionDto,
  ): Promise<ApprovalView> {
    const given = { decision, reason: reason ?? undefined, arguments: changed ?? undefined };
    return toApprovalView(
      messageId,
      callId,
      await this.approvals.decide(scope, messageId, { callId, ...given }),
    );
  }
}
