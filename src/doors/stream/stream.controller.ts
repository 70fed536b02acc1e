import { Controller, Param, Query, Res, Sse } from '@nestjs/common';
import {
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Scope } from '../../common/index.js';
import {
  ApiProblems,
  ChatIdPipe,
  CurrentScope,
  MessageIdPipe,
  ResumePoint,
  WithTicket,
} from '../../platform/http/index.js';
import { DialectRegistry, LogAccess, StreamTransport, v1, v1Unnamed } from '../../streams/index.js';

const EXAMPLE = [
  'retry: 1000\n',
  'event: start\nid: 1760270888823_0000_a26344ee\ndata: {"v":1,"type":"start","status":"processing",…}\n',
  'event: content\nid: 1760270929640_0001_fd9811a3\ndata: {"v":1,"type":"content","md":"Response text…",…}\n',
  'event: end\nid: 1760270930333_0002_c2024cde\ndata: {"v":1,"type":"end","status":"completed",…}\n',
].join('\n');

/** The live door to the log. */
@ApiTags('streams')
@Controller('chats/:chat_id/messages/:message_id/stream')
export class StreamController {
  constructor(
    private readonly logs: LogAccess,
    private readonly transport: StreamTransport,
    private readonly dialects: DialectRegistry,
  ) {}

  @Sse()
  @WithTicket()
  @ApiOperation({
    summary: 'Follow a run',
    description:
      'Server-Sent Events: everything so far, then live, then the server closes after `end`. Resume with the id of ' +
      'the last event seen; the next frame is the one after it. Resuming after `end` answers 204, which tells an ' +
      '`EventSource` to stop. If the server knows its users, the `ticket` in `stream_url` replaces the token that an ' +
      '`EventSource` cannot send.',
  })
  @ApiParam({ name: 'chat_id', example: '550e8400-e29b-41d4-a716-446655440000' })
  @ApiParam({ name: 'message_id', example: '68eb95dcac4dd9ac2789890e' })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Resume point; takes precedence over the query.',
  })
  @ApiQuery({
    name: 'since',
    required: false,
    example: '1760270929640_0001_fd9811a3',
    description: 'Resume point.',
  })
  @ApiQuery({
    name: 'lastEventId',
    required: false,
    example: '1760270929640_0001_fd9811a3',
    description:
      'Resume point, as EventSource polyfills send it; takes precedence over `since`, which they repeat from their URL.',
  })
  @ApiQuery({
    name: 'dialect',
    required: false,
    example: v1.name,
    description: `\`${v1.name}\` (the default), \`${v1Unnamed.name}\`, or another dialect of this deployment; the error for an unknown one lists them.`,
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    description: 'The events as frames.',
    content: { 'text/event-stream': { example: EXAMPLE } },
  })
  @ApiProblems(
    'invalid_chat_id',
    'invalid_message_id',
    'message_not_found',
    'events_expired',
    'unknown_event_id',
    'unknown_dialect',
    'too_many_streams',
    'too_many_streams_of_message',
  )
  async stream(
    @CurrentScope() scope: Scope,
    @Param('chat_id', ChatIdPipe) chatId: string,
    @Param('message_id', MessageIdPipe) messageId: string,
    @Query('dialect') dialectName: unknown,
    @ResumePoint() after: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const dialect = this.dialects.require(dialectName);
    const log = await this.logs.open(scope, { message_id: messageId, chat_id: chatId, after });
    return this.transport.open({ log, dialect, response });
  }
}
