import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ChatsService } from '../../chats/index.js';
import type { Scope } from '../../common/index.js';
import { MessagesRepository } from '../../messages/index.js';
import { ApiProblems, CurrentPerson, CurrentScope, PersonQueryDto } from '../../platform/http/index.js';
import { SessionMetadataPipe } from './session-dtos.js';
import {
  NewSessionView,
  SessionHistoryView,
  SessionView,
  toHistoryView,
  toNewSessionView,
  toSessionView,
} from './session.view.js';
import { Sessions } from './sessions.js';

/** The newest messages of a session that its clients see. */
const WINDOW = 50;

/** Sessions over HTTP. */
@ApiTags('sessions')
@Controller('chat/session')
export class ChatSessionsController {
  constructor(
    private readonly sessions: Sessions,
    private readonly chats: ChatsService,
    private readonly messages: MessagesRepository,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Begin a session',
    description:
      'Optional: `POST /chat/stream` without a session begins one. The body, if any, is kept as metadata.',
  })
  @ApiBody({ required: false, schema: { type: 'object', additionalProperties: true } })
  @ApiCreatedResponse({ type: NewSessionView })
  @ApiProblems(
    'validation_failed',
    'invalid_json',
    'invalid_user_id',
    'user_not_found',
    'body_too_large',
    'unsupported_media_type',
  )
  async create(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Query() _: PersonQueryDto,
    @Body(SessionMetadataPipe) metadata: Record<string, unknown> | undefined,
  ): Promise<NewSessionView> {
    const chat = await this.sessions.begin(scope, userId, metadata);
    return toNewSessionView(chat, this.sessions.expiresAt(chat));
  }

  @Get(':session_id')
  @ApiOperation({ summary: 'Get a session', description: 'Looking at it does not keep it from expiring.' })
  @ApiParam({ name: 'session_id', example: '550e8400-e29b-41d4-a716-446655440000' })
  @ApiOkResponse({ type: SessionView })
  @ApiProblems('session_not_found', 'session_expired')
  async get(@CurrentScope() scope: Scope, @Param('session_id') id: string): Promise<SessionView> {
    const chat = await this.sessions.require(scope, id);
    const { messageCount } = await this.chats.getCounted(scope, chat._id);
    return toSessionView(chat, this.sessions.expiresAt(chat), messageCount);
  }

  @Get(':session_id/history')
  @ApiOperation({
    summary: 'Get the messages of a session',
    description: `The newest ${WINDOW}, oldest first. All of them are in \`GET /api/chats/{session_id}/messages\`.`,
  })
  @ApiParam({ name: 'session_id', example: '550e8400-e29b-41d4-a716-446655440000' })
  @ApiOkResponse({ type: SessionHistoryView })
  @ApiProblems('session_not_found', 'session_expired')
  async history(@CurrentScope() scope: Scope, @Param('session_id') id: string): Promise<SessionHistoryView> {
    const { _id } = await this.sessions.require(scope, id);
    return toHistoryView(_id, await this.messages.newest(scope, _id, WINDOW));
  }
}
