import { Body, Controller, Req, RequestMethod, Res, Sse } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request } from 'express';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Scope } from '../../../common/index.js';
import { IdempotencyKey } from '../../../messages/http/index.js';
import { CurrentPerson, CurrentScope } from '../../../platform/http/index.js';
import { OpenAiQuestions } from '../questions.js';
import { Repeats } from '../repeats.js';
import { readChatRequest } from '../request/chat-request.js';
import { ChatCompletions } from './chat.service.js';

/** OpenAI's Chat Completions: whatever front end can use a model can use an agent. */
@ApiExcludeController()
@Controller('v1/chat/completions')
export class ChatCompletionsController {
  constructor(
    private readonly completions: ChatCompletions,
    private readonly questions: OpenAiQuestions,
    private readonly repeats: Repeats,
  ) {}

  @Sse('', { method: RequestMethod.POST })
  create(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: unknown,
    @Req() request: Request,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const wanted = readChatRequest(body);
    const { told, model, metadata } = wanted;
    const mark = this.repeats.markOf(person, request, idempotencyKey);
    const asker = { scope, person };
    const asked = { told, model, metadata, instructions: told.instructions, isKept: false, mark };
    return this.completions.answer(
      { asker, wanted, response },
      async () => (await this.repeats.find(scope, person, mark)) ?? (await this.questions.ask(asker, asked)),
    );
  }
}
