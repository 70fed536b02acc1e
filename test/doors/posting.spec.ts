import { Body, Controller, Module, Param, Query, RequestMethod, Res, Sse } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import { AppModule } from '../../src/app.module.js';
import type { Scope } from '../../src/common/index.js';
import { CreateMessageDto, IdempotencyKey } from '../../src/messages/http/index.js';
import { MessagesModule, MessagesService } from '../../src/messages/index.js';
import { ChatIdPipe, CurrentScope, ResumePoint } from '../../src/platform/http/index.js';
import {
  DialectRegistry,
  LogAccess,
  StreamPlaces,
  StreamsModule,
  StreamTransport,
} from '../../src/streams/index.js';
import { setStage, type Stage } from '../conformance/setup.js';
import { RawStream } from '../support/raw-stream.js';
import { until } from '../support/until.js';
import { describeDoor } from './door.contract.js';

/** A door that takes a question and streams the answer in one request, from what every door may use. */
@Controller('asked/:chat_id')
class PostingController {
  constructor(
    private readonly messages: MessagesService,
    private readonly logs: LogAccess,
    private readonly places: StreamPlaces,
    private readonly transport: StreamTransport,
    private readonly dialects: DialectRegistry,
  ) {}

  @Sse('', { method: RequestMethod.POST })
  async ask(
    @CurrentScope() scope: Scope,
    @Param('chat_id', ChatIdPipe) chat_id: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: CreateMessageDto,
    @Query('dialect') dialectName: unknown,
    @ResumePoint() after: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<Observable<never>> {
    const dialect = this.dialects.require(dialectName);
    const place = this.places.reserve();
    try {
      const message = await this.messages.create(scope, chat_id, { ...body, idempotencyKey });
      const log = await this.logs.open(scope, { message_id: message._id.toHexString(), chat_id, after });
      return this.transport.open({ log, dialect, response, place });
    } catch (error) {
      place.release();
      throw error;
    }
  }
}

@Module({ imports: [MessagesModule, StreamsModule], controllers: [PostingController] })
class PostingDoor {}

Module({ imports: [PostingDoor] })(AppModule); // next to the doors listed there

const ask = (
  { app }: Stage,
  chat_id: string,
  content: string,
  headers: Record<string, string> = {},
): Promise<RawStream> => RawStream.post(`${app.url}/api/asked/${chat_id}`, { content }, headers);

describeDoor({
  name: 'that takes the question itself',
  open: (stage, { chat_id, content }, after) =>
    ask(stage, chat_id, content, {
      'idempotency-key': content,
      ...(after !== undefined && { 'last-event-id': after }),
    }),
});

describe('with all places taken, a door that takes the question itself', () => {
  const NO_CHAT = '00000000-0000-4000-8000-000000000000';
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ STREAMS_MAX: '1' });
  });
  afterAll(() => stage.close());

  const questions = async (chat_id: string): Promise<unknown[]> =>
    (await stage.client.history(chat_id)).flatMap(({ role, content }) => (role === 'user' ? [content] : []));
  const asked = (chat_id: string, content: string): Promise<RawStream> =>
    until('a place is free', async () => {
      const stream = await ask(stage, chat_id, content);
      return stream.status === 503 ? undefined : stream;
    });

  it('stores nothing, and has a place again when the stream is over or was refused', async () => {
    const chat_id = await stage.client.newChat();
    const first = await ask(stage, chat_id, 'first');
    expect(first.status).toBe(200);
    expect((await ask(stage, chat_id, 'second')).status).toBe(503);
    expect(await questions(chat_id)).toEqual(['first']);
    (await stage.model.next('first')).text('x').finish();
    await first.end();
    expect((await asked(NO_CHAT, 'nowhere')).status).toBe(404);
    const last = await ask(stage, chat_id, 'last');
    expect(last.status).toBe(200);
    (await stage.model.next('last')).text('x').finish();
    await last.end();
  });
});
