import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Scope } from '../../../common/index.js';
import { FollowableMessages } from '../../../messages/http/index.js';
import { MessageList } from '../../../messages/index.js';
import { ApiProblems, CurrentScope, MessageIdPipe } from '../../../platform/http/index.js';
import { asTalk, TalkMessageWithRunView } from './talk-message.view.js';

/** One message of a conversation. */
@ApiTags('conversations')
@Controller('api/v1/messages/:message_id')
export class TalkMessageController {
  constructor(
    private readonly list: MessageList,
    private readonly followable: FollowableMessages,
  ) {}

  @Get()
  @ApiParam({ name: 'message_id', example: '68eb95dcac4dd9ac2789890e' })
  @ApiOperation({
    summary: 'A message of a conversation with its run',
    description: 'A question, or an answer by the `message_id` of its `complete`.',
  })
  @ApiOkResponse({ type: TalkMessageWithRunView })
  @ApiProblems('invalid_message_id', 'message_not_found')
  async get(
    @CurrentScope() scope: Scope,
    @Param('message_id', MessageIdPipe) messageId: string,
  ): Promise<TalkMessageWithRunView> {
    return asTalk(this.followable.withRun(scope, await this.list.get(scope, messageId)));
  }
}
