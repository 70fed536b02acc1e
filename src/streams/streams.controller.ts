import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
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
import { AppError, eventsExpired, notFound, type TenantId } from '../common/index.js';
import { ApiProblems, ChatIdPipe, CurrentTenant, MessageIdPipe } from '../platform/http/index.js';
import { DialectRegistry, v1, v1Unnamed, type Dialect } from './dialects/index.js';
import type { LogKey } from './event-log.js';
import { seqOf } from './frame.js';
import { MessageLookup } from './message-lookup.js';
import type { Span } from './span.js';
import { StreamTransport } from './stream-transport.js';
import { StreamsService } from './streams.service.js';

const EXAMPLE = [
  'retry: 1000\n',
  'event: start\nid: 1760270888823_0000_a26344ee\ndata: {"v":1,"type":"start","status":"processing",…}\n',
  'event: content\nid: 1760270929640_0001_fd9811a3\ndata: {"v":1,"type":"content","md":"Response text…",…}\n',
  'event: end\nid: 1760270930333_0002_c2024cde\ndata: {"v":1,"type":"end","status":"completed",…}\n',
].join('\n');

/** The live door of the log. */
@ApiTags('streams')
@Controller('chats/:chat_id/messages/:message_id/stream')
export class StreamsController {
  constructor(
    private readonly streams: StreamsService,
    private readonly messages: MessageLookup,
    private readonly transport: StreamTransport,
    private readonly dialects: DialectRegistry,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Follow a run',
    description:
      'Server-Sent Events: everything so far, then live, then the server closes after `end`. Resume with the id of ' +
      'the last event seen; the next frame is the one after it. Resuming after `end` answers 204, which tells an ' +
      '`EventSource` to stop.',
  })
  @ApiParam({ name: 'chat_id', example: '550e8400-e29b-41d4-a716-446655440000' })
  @ApiParam({ name: 'message_id', example: '68eb95dcac4dd9ac2789890e' })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Resume point; wins over `since`.' })
  @ApiQuery({
    name: 'since',
    required: false,
    example: '1760270929640_0001_fd9811a3',
    description: 'Resume point.',
  })
  @ApiQuery({ name: 'dialect', required: false, enum: [v1.name, v1Unnamed.name] })
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
    @CurrentTenant() tenant: TenantId,
    @Param('chat_id', ChatIdPipe) chatId: string,
    @Param('message_id', MessageIdPipe) messageId: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Query('since') since: unknown,
    @Query('dialect') dialectName: unknown,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const dialect = this.chosenDialect(dialectName);
    const key: LogKey = { tenant, message_id: messageId };
    const message = await this.messages.find(tenant, messageId);
    if (message.chat_id !== chatId) throw notFound('message', messageId);
    if (message.expired) throw eventsExpired(messageId);
    const from = await this.firstSeq(key, resumeId(lastEventId, since));
    if (from === 'ended') {
      response.writeHead(204).end();
      return;
    }
    const follow = (signal: AbortSignal): AsyncIterable<Span> => this.streams.follow(key, from, signal);
    this.transport.open({ messageId, follow, dialect, response });
  }

  private async firstSeq(key: LogKey, eventId: string | undefined): Promise<number | 'ended'> {
    if (!eventId) return 0;
    const event = await this.streams.resumePoint(key, eventId);
    return event.type === 'end' ? 'ended' : seqOf(event) + 1;
  }

  private chosenDialect(name: unknown): Dialect {
    const dialect = name === undefined ? v1 : this.dialects.find(typeof name === 'string' ? name : '');
    if (dialect) return dialect;
    const detail = `"dialect" must be one of: ${this.dialects.names.join(', ')}.`;
    throw new AppError({ status: 400, code: 'unknown_dialect', detail });
  }
}

function resumeId(header: string | undefined, since: unknown): string | undefined {
  if (header) return header;
  if (since === undefined || typeof since === 'string') return since;
  throw new AppError({ status: 400, code: 'unknown_event_id', detail: '"since" must be given once.' });
}
