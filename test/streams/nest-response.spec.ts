import {
  Controller,
  Injectable,
  Query,
  Res,
  SSE_ABORT_CONTROLLER,
  Sse,
  type CanActivate,
} from '@nestjs/common';
import { Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import { takeOverResponse } from '../../src/streams/wire/nest-response.js';
import { RawStream } from '../support/raw-stream.js';

const opened = new EventEmitter<{ response: [ServerResponse] }>();

@Injectable()
class Closed implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
class Route {
  @Sse('open')
  async open(@Res() response: ServerResponse, @Query('fail') fail?: string): Promise<Observable<never>> {
    if (fail !== undefined) throw new Error('before anything was sent');
    response.setHeader('x-own', 'kept');
    return Promise.resolve(
      takeOverResponse(response, (error) => {
        if (error) throw error;
        opened.emit('response', response);
      }),
    );
  }

  @Sse('closed')
  @UseGuards(Closed)
  closed(@Res() response: ServerResponse): Observable<never> {
    return takeOverResponse(response, () => undefined);
  }
}

@Module({ controllers: [Route] })
class App {}

describe('taking over the response of an @Sse() route', () => {
  let app: Awaited<ReturnType<typeof NestFactory.create>>;
  let url: string;
  beforeAll(async () => {
    app = await NestFactory.create(App, { logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => app.close());

  it('leaves an open response with the head that Nest has sent, and nothing of Nest behind it', async () => {
    const response = once(opened, 'response') as Promise<[ServerResponse]>;
    const stream = await RawStream.open(`${url}/open`);
    const [ours] = await response;
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
      'x-own': 'kept',
    });
    expect(ours.writableEnded).toBe(false);
    // What made an idle stream heavy: Nest's pipe, and the signal whose reason refers to Nest's stream.
    expect(ours.listenerCount('unpipe') + ours.listenerCount('drain')).toBe(0);
    expect(Reflect.get(ours.req, SSE_ABORT_CONTROLLER)).toBeUndefined();
    ours.write('id: 1\ndata: {}\n\n');
    await stream.count(1);
    ours.end();
    await stream.end();
    expect(stream.text).toBe('\nid: 1\ndata: {}\n\n');
    expect(stream.isComplete).toBe(true);
  });

  it('lets a guard and a failing handler answer with their status', async () => {
    expect((await RawStream.open(`${url}/closed`)).status).toBe(403);
    expect((await RawStream.open(`${url}/open?fail`)).status).toBe(500);
  });

  it('says so if Nest pipes but sends no head', async () => {
    const response = Object.assign(new EventEmitter(), { req: {}, headersSent: false, closed: false });
    const outcome = new Promise<Error | undefined>((resolve) => {
      takeOverResponse(response as unknown as ServerResponse, resolve);
    });
    response.emit('pipe', { unpipe: () => undefined });
    expect((await outcome)?.message).toMatch(/did not hand over/);
  });
});
