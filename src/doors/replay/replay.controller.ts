import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import type { StreamEvent } from '@reprise/protocol';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentScope, MessageIdPipe, WithTicket } from '../../platform/http/index.js';
import { LogAccess } from '../../streams/index.js';
import { ReplayQueryDto } from './replay-query.dto.js';

const BATCH_CHARS = 65_536;

/** The log as JSON, for debugging and for clients that do not stream. */
@ApiTags('streams')
@Controller('messages/:message_id/events')
export class ReplayController {
  constructor(private readonly logs: LogAccess) {}

  @Get()
  @WithTicket()
  @ApiOperation({
    summary: 'Replay a run',
    description:
      'The persisted events after `since`, in order; all of them by default. The response is streamed.',
  })
  @ApiParam({ name: 'message_id', example: '68eb95dcac4dd9ac2789890e' })
  @ApiOkResponse({
    description: 'An array of events.',
    schema: { type: 'array', items: { $ref: '#/components/schemas/StreamEvent' } },
    example: [
      {
        v: 1,
        type: 'start',
        id: '1760270888823_0000_a26344ee',
        ts: '2025-10-12T12:08:08.823Z',
        message_id: '68eb9a170b8a377cc7e09834',
        chat_id: 'fc98b84e-c1c4-49ad-a29e-3bb03e67d55f',
        status: 'processing',
        agent: 'assistant',
        attempt: 1,
      },
    ],
  })
  @ApiProblems(
    'invalid_message_id',
    'validation_failed',
    'message_not_found',
    'events_expired',
    'unknown_event_id',
  )
  async events(
    @CurrentScope() scope: Scope,
    @Param('message_id', MessageIdPipe) messageId: string,
    @Query() query: ReplayQueryDto,
  ): Promise<StreamableFile> {
    const log = await this.logs.open(scope, { message_id: messageId, after: query.since });
    const json = jsonArray(log.read(query.limit));
    // A failure before the first byte is a problem document like any other; Nest would make a bare 400 of it.
    const beginning = await json.next();
    return new StreamableFile(Readable.from(continued(beginning, json), { objectMode: false }), {
      type: 'application/json; charset=utf-8',
    });
  }
}

async function* continued(
  beginning: IteratorResult<string, void>,
  rest: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  if (!beginning.done) yield beginning.value;
  yield* rest;
}

async function* jsonArray(events: AsyncIterable<StreamEvent>): AsyncGenerator<string, void, undefined> {
  let text = '[';
  let separator = '';
  for await (const event of events) {
    text += separator + JSON.stringify(event);
    separator = ',\n';
    if (text.length > BATCH_CHARS) {
      yield text;
      text = '';
    }
  }
  yield `${text}]`;
}
