import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  RequestMethod,
  Res,
  Sse,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request } from 'express';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { Scope } from '../../../common/index.js';
import { IdempotencyKey } from '../../../messages/http/index.js';
import { CurrentPerson, CurrentScope } from '../../../platform/http/index.js';
import type { WireResponse } from '../dialect/wire.js';
import { messageOf } from '../ids.js';
import { answerWithJson } from '../json.js';
import { readResponseRequest } from '../request/response-request.js';
import { readRetrieval } from '../request/retrieval.js';
import { Repeats } from '../repeats.js';
import { ResponseErasure } from './response-erasure.js';
import { inputItemsOf } from './response-view.js';
import { ResponsesService } from './responses.service.js';
import { StoredResponses } from './stored-responses.js';

/** OpenAI's Responses API. Its own documentation describes it; docs/doors/openai.md what is different here. */
@ApiExcludeController()
@Controller('v1/responses')
export class ResponsesController {
  constructor(
    private readonly responses: ResponsesService,
    private readonly stored: StoredResponses,
    private readonly erasure: ResponseErasure,
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
    const wanted = readResponseRequest(body);
    const mark = this.repeats.markOf(person, request, idempotencyKey);
    return this.responses.create({ asker: { scope, person }, wanted, mark, response });
  }

  @Sse(':response_id')
  async retrieve(
    @CurrentScope() scope: Scope,
    @Param('response_id') id: string,
    @Query() query: Request['query'],
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const { stream, startingAfter } = readRetrieval(query);
    const messageId = messageOf(id);
    if (stream) return this.stored.stream({ scope, messageId, response, startingAfter });
    return answerWithJson(response, await this.stored.get(scope, messageId));
  }

  @Post(':response_id/cancel')
  @HttpCode(200)
  cancel(@CurrentScope() scope: Scope, @Param('response_id') id: string): Promise<WireResponse> {
    return this.stored.cancel(scope, messageOf(id));
  }

  @Delete(':response_id')
  async delete(@CurrentScope() scope: Scope, @Param('response_id') id: string): Promise<object> {
    const messageId = messageOf(id);
    await this.erasure.erase(scope, messageId);
    return { id: `resp_${messageId}`, object: 'response', deleted: true };
  }

  @Get(':response_id/input_items')
  async inputItems(@CurrentScope() scope: Scope, @Param('response_id') id: string): Promise<object> {
    return inputItemsOf(await this.stored.question(scope, messageOf(id)));
  }
}
