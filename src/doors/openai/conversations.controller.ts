import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { ChatsService, type ChatDocument } from '../../chats/index.js';
import { AppError, clip, type Scope } from '../../common/index.js';
import { CurrentPerson, CurrentScope } from '../../platform/http/index.js';
import { OpenAiChats } from './chats.js';
import { conversationId } from './dialect/response-object.js';
import { conversationOf } from './ids.js';
import { invalid, metadataSchema, parseBody } from './request/parse.js';

const schema = z.looseObject({ metadata: metadataSchema.nullish(), items: z.array(z.unknown()).nullish() });

/** Conversations: the same chats as everywhere. */
@ApiExcludeController()
@Controller('v1/conversations')
export class ConversationsController {
  constructor(
    private readonly chats: ChatsService,
    private readonly named: OpenAiChats,
  ) {}

  @Post()
  @HttpCode(200)
  async create(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @Body() body: unknown,
  ): Promise<object> {
    const { items } = parseBody(schema, body ?? {});
    if (items && items.length > 0)
      throw invalid('items', 'cannot be given here: send them as the input of a response');
    return viewOf(await this.chats.create(scope, person, {}));
  }

  @Get(':conversation_id')
  async get(@CurrentScope() scope: Scope, @Param('conversation_id') id: string): Promise<object> {
    return viewOf(await this.named.get(scope, chatOf(id)));
  }

  @Delete(':conversation_id')
  async delete(@CurrentScope() scope: Scope, @Param('conversation_id') id: string): Promise<object> {
    const { _id } = await this.named.get(scope, chatOf(id));
    await this.chats.erase(scope, _id);
    return { id: conversationId(_id), object: 'conversation.deleted', deleted: true };
  }
}

function chatOf(id: string): string {
  const named = conversationOf(id.startsWith('conv_') ? id : `conv_${id}`);
  if ('chatId' in named) return named.chatId;
  throw new AppError('conversation_not_found', { id: clip(id, 100) });
}

const viewOf = ({ _id, created_at }: ChatDocument): object => ({
  id: conversationId(_id),
  object: 'conversation',
  created_at: Math.floor(created_at.getTime() / 1000),
  metadata: {},
});
