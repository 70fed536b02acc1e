import { Body, Controller, Get, HttpCode, Param, Post, Query, RequestMethod, Res, Sse } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { EMPTY, type Observable } from 'rxjs';
import { ChatKeyPipe } from '../../chats/http/index.js';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentPerson, CurrentScope } from '../../platform/http/index.js';
import { ClientDecisions } from '../../runs/http/index.js';
import { StreamPlaces } from '../../streams/index.js';
import { AiSdkChats } from './ai-sdk-chats.js';
import { AiSdkQueryDto, AiSdkStreamQueryDto, UiChatDto, UiHistoryQueryDto } from './ui-chat.dto.js';
import type { UiMessage } from './ui-message.js';
import { UiPosts } from './ui-posts.js';
import { requestOf } from './ui-request.js';
import { UiStreams } from './ui-streams.js';

const ID = {
  name: 'chat_key',
  example: 'c1',
  description: "The client's id of the chat, or the chat's own.",
};
const STREAM = {
  description: 'A UI message stream.',
  content: {
    'text/event-stream': { example: 'data: {"type":"start","messageId":"68eb95dcac4dd9ac2789890e"}\n\n' },
  },
};

/** `useChat` of the AI SDK: `api: '/api/ai-sdk/chat'`. */
@ApiTags('ai-sdk')
@Controller('ai-sdk/chat')
export class AiSdkController {
  constructor(
    private readonly chats: AiSdkChats,
    private readonly posts: UiPosts,
    private readonly decisions: ClientDecisions,
    private readonly streams: UiStreams,
    private readonly places: StreamPlaces,
  ) {}

  @Sse('', { method: RequestMethod.POST })
  @ApiOperation({
    summary: 'Send a message as the AI SDK does, and stream the answer',
    description:
      'A new message, an edit or another answer (`trigger`, `messageId`), or a decision about a call that needs approval. The run goes on when the client hangs up; the same message sent again is one message.',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse(STREAM)
  @ApiProblems(
    ...(['validation_failed', 'invalid_json', 'invalid_user_id', 'unknown_agent', 'user_not_found'] as const),
    ...([
      'chat_not_found',
      'message_not_found',
      'approval_not_found',
      'chat_busy',
      'events_expired',
    ] as const),
    ...([
      'body_too_large',
      'too_large_to_store',
      'unsupported_media_type',
      'idempotency_key_reused',
    ] as const),
    ...(['invalid_attachments', 'chat_queue_full', 'queue_full', 'budget_exceeded'] as const),
    ...(['too_many_streams', 'too_many_streams_of_message'] as const),
    ...(['empty_file', 'unsupported_file_type', 'file_too_large', 'unreadable_file'] as const),
    ...(['file_without_text', 'file_text_too_long', 'file_storage_full'] as const),
  )
  async send(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @Query() query: AiSdkStreamQueryDto,
    @Body() body: UiChatDto,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const request = requestOf(body);
    const place = this.places.reserve();
    try {
      const question = await this.posts.question(
        { scope, person, key: body.id, query: chosen(query) },
        request,
      );
      const decisions = request.kind === 'continue' ? request.decisions : undefined;
      if (decisions) await this.decisions.take(scope, question._id.toHexString(), decisions);
      const staysOpen = query.approvals === 'open';
      return await this.streams.open({ scope, question, response, place, staysOpen, decisions });
    } catch (error) {
      place.release();
      throw error;
    }
  }

  @Sse(':chat_key/stream')
  @ApiOperation({
    summary: 'Rejoin the run of a chat',
    description:
      'The whole answer that is being written, from its beginning, then live. While the run waits for an approval the stream closes there. 204 if nothing runs, or there is no such chat yet.',
  })
  @ApiParam(ID)
  @ApiProduces('text/event-stream')
  @ApiOkResponse(STREAM)
  @ApiNoContentResponse({ description: 'Nothing runs.' })
  @ApiProblems(
    ...(['validation_failed', 'invalid_chat_key', 'invalid_user_id', 'user_not_found'] as const),
    ...(['too_many_streams', 'too_many_streams_of_message'] as const),
  )
  async rejoin(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @Param('chat_key', ChatKeyPipe) key: string,
    @Query() query: AiSdkStreamQueryDto,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const question = await this.chats.running(scope, person, key);
    if (question)
      return this.streams.open({ scope, question, response, staysOpen: query.approvals === 'open' });
    response.writeHead(204).end();
    return EMPTY;
  }

  @Post(':chat_key/stop')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Stop the runs of a chat',
    description: 'What `stop()` of the client does not do: it only hangs up. Stopping twice does no harm.',
  })
  @ApiParam(ID)
  @ApiAcceptedResponse({
    description: 'The messages whose runs were asked to stop.',
    schema: { example: { stopped: ['68eb95dcac4dd9ac2789890e'] } },
  })
  @ApiProblems('validation_failed', 'invalid_chat_key', 'invalid_user_id', 'user_not_found')
  async stop(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @Param('chat_key', ChatKeyPipe) key: string,
    @Query() _query: AiSdkQueryDto,
  ): Promise<{ stopped: string[] }> {
    return { stopped: await this.chats.stop(scope, person, key) };
  }

  @Get(':chat_key/messages')
  @ApiOperation({
    summary: 'A chat as UI messages',
    description:
      'The newest questions with their answers, oldest first, with the parts that streams have: for the `messages` of `useChat`. An answer that is being written is as far as it is. Empty if there is no such chat yet.',
  })
  @ApiParam(ID)
  @ApiOkResponse({
    description: 'UI messages.',
    schema: { type: 'array', items: { type: 'object', additionalProperties: true } },
  })
  @ApiProblems('validation_failed', 'invalid_chat_key', 'invalid_user_id', 'user_not_found')
  async messages(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @Param('chat_key', ChatKeyPipe) key: string,
    @Query() { limit }: UiHistoryQueryDto,
  ): Promise<UiMessage[]> {
    return this.chats.messages(scope, person, { key, limit });
  }
}

/** Only what was given: what is missing has defaults that depend on the request. */
function chosen({ agent, on_busy }: AiSdkQueryDto): Pick<AiSdkQueryDto, 'agent' | 'on_busy'> {
  return { ...(agent !== undefined && { agent }), ...(on_busy !== undefined && { on_busy }) };
}
