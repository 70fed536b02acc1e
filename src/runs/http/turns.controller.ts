import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentScope, MessageIdPipe } from '../../platform/http/index.js';
import { RunTurns } from '../control/run-turns.js';
import { TurnsQueryDto } from './turns-query.dto.js';
import { toTurnsView, TurnsView } from './turns.view.js';

/** What went to the models. */
@ApiTags('runs')
@Controller('messages/:message_id/turns')
export class TurnsController {
  constructor(private readonly turns: RunTurns) {}

  @Get()
  @ApiOperation({
    summary: 'Model turns of a run',
    description:
      'What was sent to the models, turn by turn: instructions, earlier conversation, question, calls with their results, tools and sampling; with the requests that failed and were repeated. It is put together from what is stored elsewhere, and says what of it is gone. Runs of servers that did not record their turns have none.',
  })
  @ApiParam({ name: 'message_id', example: '68eb95dcac4dd9ac2789890e' })
  @ApiOkResponse({ type: TurnsView })
  @ApiProblems('invalid_message_id', 'validation_failed', 'message_not_found')
  async list(
    @CurrentScope() scope: Scope,
    @Param('message_id', MessageIdPipe) messageId: string,
    @Query() { after = 0, limit }: TurnsQueryDto,
  ): Promise<TurnsView> {
    return toTurnsView(await this.turns.list(scope, messageId, { after, limit }));
  }
}
