import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { ChatDocument } from '../../chats/index.js';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentPerson, CurrentScope } from '../../platform/http/index.js';
import { ApiThread, LangGraphRoute, THREAD_PROBLEMS } from './api-docs.js';
import { CreateThreadDto, SearchThreadsDto, UpdateThreadDto } from './dto/thread.dto.js';
import { ThreadIdPipe } from './thread-id.pipe.js';
import { ThreadSearch } from './threads/thread-search.js';
import { ThreadStates } from './threads/thread-states.js';
import { toThread, ThreadView } from './threads/thread.view.js';
import { Threads } from './threads/threads.js';

const BODY_PROBLEMS = [
  'validation_failed',
  'invalid_json',
  'body_too_large',
  'unsupported_media_type',
] as const;

/** Chats as threads. */
@LangGraphRoute()
@Controller('langgraph/threads')
export class LangGraphThreadsController {
  constructor(
    private readonly threads: Threads,
    private readonly found: ThreadSearch,
    private readonly states: ThreadStates,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Create a thread', description: 'A chat, which other clients see as well.' })
  @ApiOkResponse({ type: ThreadView })
  @ApiProblems(...BODY_PROBLEMS, 'invalid_user_id', 'user_not_found', 'thread_exists')
  async create(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Body() body: CreateThreadDto,
  ): Promise<ThreadView> {
    return this.show(scope, await this.threads.create({ scope, userId }, body));
  }

  @Post('search')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Find threads',
    description: 'Newest activity first. A thread in the list has only its first message.',
  })
  @ApiOkResponse({ type: ThreadView, isArray: true })
  @ApiProblems(...BODY_PROBLEMS, 'invalid_user_id', 'user_not_found')
  search(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Body() body: SearchThreadsDto,
  ): Promise<Partial<ThreadView>[]> {
    return this.found.find({ scope, userId }, body);
  }

  @Get(':thread_id')
  @ApiThread()
  @ApiOperation({ summary: 'A thread', description: 'With its current state.' })
  @ApiOkResponse({ type: ThreadView })
  @ApiProblems(...THREAD_PROBLEMS)
  async get(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
  ): Promise<ThreadView> {
    return this.show(scope, await this.threads.get({ scope, userId }, threadId));
  }

  @Patch(':thread_id')
  @ApiThread()
  @ApiOperation({ summary: 'Change the metadata of a thread', description: 'Keys that are not named stay.' })
  @ApiOkResponse({ type: ThreadView })
  @ApiProblems(...THREAD_PROBLEMS, ...BODY_PROBLEMS)
  async update(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
    @Body() { metadata }: UpdateThreadDto,
  ): Promise<ThreadView> {
    const person = { scope, userId };
    const chat = await this.threads.get(person, threadId);
    return this.show(scope, metadata ? await this.threads.describe(person, chat, metadata) : chat);
  }

  @Delete(':thread_id')
  @HttpCode(204)
  @ApiThread()
  @ApiOperation({
    summary: 'Delete a thread',
    description: 'The chat with all its messages, runs and files.',
  })
  @ApiNoContentResponse({ description: 'It is deleted.' })
  @ApiProblems(...THREAD_PROBLEMS)
  async delete(
    @CurrentScope() scope: Scope,
    @CurrentPerson() userId: string,
    @Param('thread_id', ThreadIdPipe) threadId: string,
  ): Promise<void> {
    await this.threads.delete({ scope, userId }, threadId);
  }

  private async show(scope: Scope, chat: ChatDocument): Promise<ThreadView> {
    const thread = await this.states.read(scope, chat);
    return toThread(chat, thread.tree.newest?.question, await this.states.current(scope, thread));
  }
}
