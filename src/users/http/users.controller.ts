import { Body, Controller, Delete, Get, HttpCode, Param, Patch } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentScope, UserIdPipe } from '../../platform/http/index.js';
import { UpdateUserDto } from './update-user.dto.js';
import { toUserView, UserView } from './user.view.js';
import { UsersService } from '../users.service.js';

/** Users over HTTP. */
@ApiTags('users')
@ApiParam({
  name: 'user_id',
  example: 'alice@company.com',
  description: 'Your own id for the user, 1 to 200 characters.',
})
@Controller('users/:user_id')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @ApiOperation({
    summary: 'Get or create a user',
    description: 'The user is created on first use. Every call updates `last_active`.',
  })
  @ApiOkResponse({ description: 'The user.', type: UserView })
  @ApiProblems('invalid_user_id')
  async get(@CurrentScope() scope: Scope, @Param('user_id', UserIdPipe) userId: string): Promise<UserView> {
    return toUserView(await this.users.getOrCreate(scope, userId));
  }

  @Patch()
  @ApiOperation({
    summary: "Change a user's name or email",
    description: 'An omitted field stays unchanged; `null` clears it. An unknown user is not created.',
  })
  @ApiOkResponse({ description: 'The changed user.', type: UserView })
  @ApiProblems(
    'invalid_user_id',
    'validation_failed',
    'invalid_json',
    'user_not_found',
    'body_too_large',
    'unsupported_media_type',
  )
  async update(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
    @Body() body: UpdateUserDto,
  ): Promise<UserView> {
    return toUserView(await this.users.update(scope, userId, body));
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Erase a user',
    description: 'With all chats, messages, events, tool calls and files. Cannot be undone.',
  })
  @ApiNoContentResponse({ description: 'The user has been erased.' })
  @ApiProblems('invalid_user_id', 'user_not_found')
  async erase(@CurrentScope() scope: Scope, @Param('user_id', UserIdPipe) userId: string): Promise<void> {
    await this.users.erase(scope, userId);
  }
}
