import { Body, Controller, Headers, RequestMethod, Res, Sse } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { EMPTY, type Observable } from 'rxjs';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentPerson, CurrentScope, ResumePoint } from '../../platform/http/index.js';
import { StreamPlaces } from '../../streams/index.js';
import { A2aCalls, type Addressed } from './calls.js';
import type { A2aCaller } from './questions.js';
import { idOf, readRequest, readSent, readTask, type RpcRequest } from './requests.js';
import { failure, result, toRpcError, unknownMethod, unsupported, unsupportedVersion } from './rpc.js';
import { TaskStreams } from './streams.js';
import { hasEnded, Tasks } from './tasks.js';

/** A call, with what its answer needs. */
interface Call extends A2aCaller {
  request: RpcRequest;
  response: Response;
  after: string | undefined;
}

const EXAMPLE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'SendMessage',
  params: {
    message: {
      messageId: 'm-1',
      role: 'ROLE_USER',
      parts: [{ text: 'What happens to a run when I leave?' }],
    },
  },
};

/** The protocol between agents, A2A 1.0 over JSON-RPC: this deployment as an agent of others. */
@ApiTags('doors')
@Controller('a2a')
export class A2aController {
  constructor(
    private readonly calls: A2aCalls,
    private readonly tasks: Tasks,
    private readonly streams: TaskStreams,
    private readonly places: StreamPlaces,
  ) {}

  @Sse('', { method: RequestMethod.POST })
  @ApiOperation({
    summary: 'Call the agent (A2A 1.0)',
    description:
      '`SendMessage`, `SendStreamingMessage`, `GetTask`, `CancelTask` and `SubscribeToTask`. A task is a run, its id is the message id, its context a chat. Failed calls answer 200 with a JSON-RPC error; logins, limits and overload are told by the status.',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['jsonrpc', 'id', 'method'],
      properties: {
        jsonrpc: { type: 'string', enum: ['2.0'] },
        id: { oneOf: [{ type: 'string' }, { type: 'number' }] },
        method: { type: 'string' },
        params: { type: 'object', additionalProperties: true },
      },
      example: EXAMPLE,
    },
  })
  @ApiProduces('application/json', 'text/event-stream')
  @ApiOkResponse({
    description: 'The result or an error of JSON-RPC; for streaming methods, a stream of results.',
  })
  @ApiProblems('too_many_streams', 'too_many_streams_of_message', 'queue_full', 'budget_exceeded')
  async call(
    @CurrentScope() scope: Scope,
    @CurrentPerson() person: string,
    @Headers('a2a-version') version: string | undefined,
    @ResumePoint() after: string | undefined,
    @Body() body: unknown,
    @Res() response: Response,
  ): Promise<Observable<never>> {
    try {
      if (version !== undefined && !/^1(\.\d+)*$/.test(version.trim())) throw unsupportedVersion(version);
      const request = readRequest(body);
      return await this.answer({ scope, person, request, response, after });
    } catch (error) {
      return answered(response, failure(idOf(body), toRpcError(error)));
    }
  }

  private async answer(call: Call): Promise<Observable<never>> {
    const { request, response } = call;
    const { id, method, params } = request;
    switch (method) {
      case 'SendMessage':
        return answered(response, result(id, { task: await this.send(call) }));
      case 'SendStreamingMessage':
        return this.stream(call, () => this.calls.send(call, readSent(params)));
      case 'SubscribeToTask':
        return this.stream(call, () => this.subscribed(call));
      case 'GetTask': {
        const { id: taskId, historyLength } = readTask(params);
        const question = await this.tasks.questionOf(call.scope, taskId);
        const { task } = await this.tasks.soFar(call.scope, question, historyLength);
        return answered(response, result(id, task));
      }
      case 'CancelTask':
        return answered(response, result(id, await this.cancel(call)));
      default:
        throw unknownMethod(method);
    }
  }

  private async send(call: Call): Promise<object> {
    const sent = readSent(call.request.params);
    const { returnImmediately, historyLength } = sent.configuration ?? {};
    const addressed = await this.calls.send(call, sent);
    if (returnImmediately !== true) await this.settled(call, addressed);
    const question = await this.tasks.questionOf(call.scope, addressed.question._id.toHexString());
    return (await this.tasks.soFar(call.scope, question, historyLength)).task;
  }

  private async cancel(call: Call): Promise<object> {
    const question = await this.calls.cancel(call, readTask(call.request.params).id);
    await this.settled(call, { question, decided: new Set() });
    const ended = await this.tasks.questionOf(call.scope, question._id.toHexString());
    return (await this.tasks.soFar(call.scope, ended)).task;
  }

  private async subscribed({ scope, request }: Call): Promise<Addressed> {
    const { id } = readTask(request.params);
    const question = await this.tasks.questionOf(scope, id);
    const { task } = await this.tasks.soFar(scope, question);
    if (hasEnded(task)) throw unsupported(`Task "${id}" has ended: get it with GetTask.`);
    return { question, decided: new Set() };
  }

  /** A place among the streams is reserved before a message is stored. */
  private async stream(call: Call, find: () => Promise<Addressed>): Promise<Observable<never>> {
    const { request, response, after, scope } = call;
    const place = this.places.reserve();
    try {
      const { question, decided } = await find();
      const watching = { id: request.id, response, place, after };
      return await this.streams.open({ scope, question, decided }, watching);
    } catch (error) {
      place.release();
      throw error;
    }
  }

  /** The caller may hang up: the run goes on. */
  private async settled({ scope, response }: Call, addressed: Addressed): Promise<void> {
    const gone = new AbortController();
    const leave = (): void => {
      gone.abort();
    };
    response.once('close', leave);
    try {
      await this.streams.settled({ scope, ...addressed }, gone.signal);
    } finally {
      response.off('close', leave);
    }
  }
}

/** Ends the response of an `@Sse()` route with JSON: Nest finds nothing left to do. */
function answered(response: Response, json: string): Observable<never> {
  response.status(200).type('application/json').end(json);
  return EMPTY;
}
