import { Body, Controller, RequestMethod, Res, Sse } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import { ChatsService, ExternalChats, ModelChoice } from '../../../chats/index.js';
import { AppError, type Scope } from '../../../common/index.js';
import { IdempotencyKey } from '../../../messages/http/index.js';
import { Settings } from '../../../platform/config/index.js';
import {
  ApiProblems,
  CurrentPerson,
  CurrentScope,
  ResumePoint,
  validationFailed,
} from '../../../platform/http/index.js';
import { Answers } from './answers.js';
import { givenConversation, type GivenConversation } from './given-conversation.js';
import { TalkStreamDto } from './message.dto.js';
import { ApiAnswerStream } from './stream-docs.js';

/** The conversation of a request, and what it is to be from now on. */
interface Conversation {
  body: TalkStreamDto;
  given: GivenConversation;
  model: string | null | undefined;
  /** The same request finds the same new conversation. */
  key: string | undefined;
  isRepeated: boolean;
}

/** One request for an answer, in a conversation that may not exist yet. */
@ApiTags('conversations')
@Controller('api/v1/chat/stream')
export class ChatStreamController {
  constructor(
    private readonly chats: ChatsService,
    private readonly external: ExternalChats,
    private readonly models: ModelChoice,
    private readonly answers: Answers,
    private readonly settings: Settings,
  ) {}

  @Sse('', { method: RequestMethod.POST })
  @ApiOperation({
    summary: 'Ask, in a new conversation or a known one',
    description:
      'Streams the answer as `POST /api/v1/conversations/{chat_id}/messages` does. `model` and `system_prompt` are those of the conversation from now on.',
  })
  @ApiAnswerStream()
  @ApiProblems('unknown_model', 'invalid_user_id', 'user_not_found')
  async ask(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @IdempotencyKey() key: string | undefined,
    @Body() body: TalkStreamDto,
    @ResumePoint() after: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const given = this.given(body);
    const model = this.models.require(body.model);
    const chat = () => this.chat(scope, person, { body, given, model, key, isRepeated: after !== undefined });
    const message = { content: given.question, idempotencyKey: key };
    return this.answers.open(scope, { chat, message, after, response });
  }

  /** @throws AppError 400 `validation_failed`. */
  private given(body: TalkStreamDto): GivenConversation {
    const given = givenConversation(body);
    if (!given) throw invalid('must end with a message of the user');
    const { length } = Array.from(given.instructions ?? '');
    const max = this.settings.INSTRUCTIONS_MAX_CHARS;
    if (typeof body.conversation_id !== 'string' && length > max)
      throw invalid(`must have at most ${max} characters before the question`);
    return given;
  }

  private async chat(
    scope: Scope,
    person: string,
    { body, given, model, key, isRepeated }: Conversation,
  ): Promise<string> {
    const { conversation_id, system_prompt } = body;
    if (typeof conversation_id !== 'string') {
      const chosen = { model, instructions: given.instructions };
      if (key === undefined && !isRepeated) return (await this.chats.create(scope, person, chosen))._id;
      const name = nameOf(key);
      const known = isRepeated
        ? await this.external.find(scope, person, name)
        : await this.external.open(scope, person, name, chosen);
      if (!known) throw new AppError('unknown_event_id', {});
      return known._id;
    }
    const id = conversation_id.toLowerCase();
    const change = { model: model ?? undefined, instructions: system_prompt ?? undefined };
    if (change.model !== undefined || change.instructions !== undefined)
      await this.chats.change(scope, id, change);
    return id;
  }
}

/** What a new conversation is called by the request that began it: keys are longer than names may be. */
const nameOf = (key = ''): string => `chat-stream:${createHash('sha256').update(key).digest('hex')}`;

const invalid = (message: string) => validationFailed([{ field: 'messages', message }]);
