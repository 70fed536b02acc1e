import type { ServerResponse } from 'node:http';
import { frame, HttpServer, json, said, stream, type CallAnswer } from './http-server.js';
import { cleanUp, startWorld, type McpWorld } from './support.js';

// Servers over HTTP that send more than anybody can read.

let world: McpWorld | undefined;
let server: HttpServer | undefined;

afterEach(async () => {
  await world?.close();
  await server?.stop();
  [world, server] = [undefined, undefined];
  await cleanUp();
});

async function setup(tools: Record<string, CallAnswer>, more: object = {}) {
  server = await HttpServer.start({ echo, ...tools });
  world = await startWorld({ web: { url: server.url, ...more } });
  return { server, world };
}

const echo: CallAnswer = ({ id }, response) => {
  json(response, id, said('echo'));
};

describe('an answer of 50 MB', () => {
  const MEGABYTE = 'x'.repeat(1024 * 1024);
  /** Writes until nobody listens; counts what it could write. */
  const pour = (response: ServerResponse, begin: string): void => {
    response.write(begin);
    let left = 50;
    const more = (): void => {
      while (left-- > 0 && !response.destroyed)
        if (!response.write(MEGABYTE)) return void response.once('drain', more);
      response.end();
    };
    more();
  };
  const asJson: CallAnswer = (_message, response) => {
    pour(
      response.setHeader('content-type', 'application/json'),
      '{"jsonrpc":"2.0","result":{"content":[{"text":"',
    );
  };
  const asEvent: CallAnswer = (_message, response) => {
    pour(stream(response), 'data: ');
  };
  const asEventWithId: CallAnswer = (_message, response) => {
    pour(stream(response), 'id: e1\ndata:\n\nid: e2\ndata: ');
  };
  const asError: CallAnswer = (_message, response) => {
    pour(response.writeHead(500, { 'content-type': 'text/plain' }), 'error ');
  };

  it.each([
    ['JSON', asJson],
    ['an event', asEvent],
    ['an event that could be taken up again', asEventWithId],
  ])('is refused: %s', async (_name, act) => {
    const { server, world } = await setup({ act }, { max_result_bytes: 1_048_576 });
    expect(await world.failure('web__act')).toEqual({
      code: 'result_too_large',
      message: 'The result is larger than 1 MB. Ask for less, in several calls if need be.',
    });
    expect(server.count('POST tools/call act')).toBe(1);
    expect(await world.call('web__echo')).toEqual({ text: 'echo' });
  });

  it('is read only at its beginning if it is an error', async () => {
    const { world } = await setup({ act: asError }, { max_result_bytes: 1_048_576 });
    const { code, message } = await world.failure('web__act');
    expect(code).toBe('server_failed');
    expect(message).toMatch(/HTTP 500: error x+…/);
  });

  it('may come in many small events', async () => {
    const act: CallAnswer = ({ id }, response) => {
      stream(response);
      const note = { jsonrpc: '2.0', method: 'notifications/message', params: { text: 'x'.repeat(500_000) } };
      for (let count = 0; count < 8; count++) frame(response, note);
      frame(response, { jsonrpc: '2.0', id, result: said('after 4 MB') });
      response.end();
    };
    const { world } = await setup({ act }, { max_result_bytes: 1_048_576 });
    expect(await world.call('web__act')).toEqual({ text: 'after 4 MB' });
  });
});
