import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ToolError } from '../../src/tools/index.js';
import { freePort } from '../support/server-process.js';
import { until } from '../support/until.js';
import { frame, HttpServer, json, said, stream, type CallAnswer } from './http-server.js';
import { cleanUp, EVERYTHING, kill, listen, newContext, startWorld, type McpWorld } from './support.js';

// Servers over HTTP that break, hang, forget and flood.

let world: McpWorld | undefined;
let server: HttpServer | undefined;

afterEach(async () => {
  await world?.close();
  await server?.stop();
  [world, server] = [undefined, undefined];
  await cleanUp();
});

async function setup(tools: Record<string, CallAnswer>, more: object = {}, annotations?: object) {
  server = await HttpServer.start({ echo, ...tools }, annotations);
  world = await startWorld({ web: { url: server.url, ...more } });
  return { server, world };
}

const NOT_AGAIN = { readOnlyHint: false, destructiveHint: false };
const echo: CallAnswer = ({ id }, response) => {
  json(response, id, said('echo'));
};

describe('server-everything', () => {
  it('gets a call again that it was killed in, and is not started anew for it by hand', async () => {
    const real = await listen(EVERYTHING, ['streamableHttp']);
    world = await startWorld({ every: { url: `${real.url}/mcp` } });
    const context = newContext();
    const call = world.call('every__trigger-long-running-operation', { duration: 2, steps: 20 }, context);
    await until('it shows progress', () => context.emitted.length > 0);
    await kill(real.child);
    await listen(EVERYTHING, ['streamableHttp'], { port: real.port });
    expect(await call).toEqual({ text: expect.stringContaining('completed') });
    expect(context.emitted).toContainEqual(
      expect.objectContaining({ text: expect.stringContaining('again: the connection was lost') }),
    );
  });

  it('may be restarted between calls: it has forgotten the session and gets a new one', async () => {
    const real = await listen(EVERYTHING, ['streamableHttp']);
    world = await startWorld({ every: { url: `${real.url}/mcp` } });
    expect(await world.call('every__echo', { message: 'one' })).toEqual({ text: 'Echo: one' });
    await kill(real.child);
    await listen(EVERYTHING, ['streamableHttp'], { port: real.port });
    expect(await world.call('every__echo', { message: 'two' })).toEqual({ text: 'Echo: two' });
  });

  it('may come later: its tools appear without a restart', async () => {
    const port = await freePort();
    world = await startWorld({ every: { url: `http://127.0.0.1:${port}/mcp` } }, { MCP_START_WAIT_MS: '50' });
    await world.becomes('every', 'unavailable');
    expect(world.state('every').reason).toBe('it cannot be reached (ECONNREFUSED)');
    expect(world.registry.list().filter(({ source }) => source === 'every')).toEqual([]);
    await listen(EVERYTHING, ['streamableHttp'], { port });
    await world.becomes('every', 'connected');
    expect(await world.call('every__echo', { message: 'late' })).toEqual({ text: 'Echo: late' });
  });
});

describe('a call whose outcome nobody knows', () => {
  const cut: CallAnswer = (_message, response) => {
    frame(stream(response), { jsonrpc: '2.0', method: 'notifications/message', params: {} });
    setImmediate(() => response.destroy());
  };
  const ended: CallAnswer = (_message, response) => {
    stream(response).end();
  };
  const halfJson: CallAnswer = (_message, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"jsonrpc":');
    setImmediate(() => response.destroy());
  };
  const reset: CallAnswer = (_message, response) => {
    response.destroy();
  };

  it.each([
    ['the stream is cut', cut],
    ['the stream ends without an answer', ended],
    ['the answer is cut', halfJson],
    ['the connection is reset', reset],
  ])('ends at once, and is not made again: %s', async (_name, answer) => {
    const { server, world } = await setup({ act: answer }, {}, NOT_AGAIN);
    expect(await world.failure('web__act')).toEqual({
      code: 'outcome_unknown',
      message: expect.stringMatching(
        /^The connection to the MCP server "web" was lost during the call \(.*\)\. Whether the tool has done its work is unknown\.$/,
      ),
    });
    expect(server.count('POST tools/call act')).toBe(1);
    // The server is still there.
    expect(await world.call('web__echo')).toEqual({ text: 'echo' });
    expect(server.count('POST initialize')).toBe(1);
  });

  it.each([
    ['the stream is cut', cut],
    ['the stream ends without an answer', ended],
    ['the answer is cut', halfJson],
    ['the connection is reset', reset],
  ])('is made once again if the tool is idempotent: %s', async (_name, answer) => {
    let times = 0;
    const act: CallAnswer = (message, response, from) => {
      (++times === 1 ? answer : echo)(message, response, from);
    };
    const { world } = await setup({ act });
    expect(await world.call('web__act')).toEqual({ text: 'echo' });
    expect(times).toBe(2);
  });

  it('is taken up behind the last event, if its events have ids', async () => {
    const act: CallAnswer = ({ id }, response, from) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('retry: 10\n\n');
      frame(response, { jsonrpc: '2.0', method: 'notifications/message', params: {} }, 'e1');
      from.gate = (request, resumed) => {
        if (request.headers['last-event-id'] !== 'e1') return false;
        frame(stream(resumed), { jsonrpc: '2.0', id, result: said('from the second stream') }, 'e2');
        resumed.end();
        return true;
      };
      setImmediate(() => response.destroy());
    };
    const { server, world } = await setup({ act }, {}, NOT_AGAIN);
    expect(await world.call('web__act')).toEqual({ text: 'from the second stream' });
    expect(server.count('POST tools/call act')).toBe(1);
  });
});

describe('a forgotten session', () => {
  it.each([404, 400])('is replaced; a call that may be made again is (HTTP %i)', async (status) => {
    const { server, world } = await setup({});
    server.sessions.clear();
    server.unknownSession = status;
    expect(await world.call('web__echo')).toEqual({ text: 'echo' });
    expect(server.count('POST initialize')).toBe(2);
  });

  it('is replaced; any other call is refused in words, and works when it is made again', async () => {
    const { server, world } = await setup({}, {}, NOT_AGAIN);
    server.sessions.clear();
    expect(await world.failure('web__echo')).toEqual({
      code: 'session_lost',
      message: expect.stringContaining('the call can be made again'),
    });
    expect(await world.call('web__echo')).toEqual({ text: 'echo' });
    expect(server.count('POST initialize')).toBe(2);
  });

  it('leaves alone the calls that are under way', async () => {
    let finish: () => void = () => undefined;
    const slow: CallAnswer = ({ id }, response) => {
      stream(response);
      finish = () => {
        frame(response, { jsonrpc: '2.0', id, result: said('at last') });
        response.end();
      };
    };
    const { server, world } = await setup({ slow });
    const call = world.call('web__slow');
    await until('it is called', () => server.count('POST tools/call slow') === 1);
    server.sessions.clear();
    expect(await world.call('web__echo')).toEqual({ text: 'echo' });
    finish();
    expect(await call).toEqual({ text: 'at last' });
    expect(server.count('POST tools/call slow')).toBe(1);
  });
});

describe('an answer that is no result', () => {
  const status =
    (code: number, body: string): CallAnswer =>
    (_message, response) => {
      response.writeHead(code, { 'content-type': 'text/plain' }).end(body);
    };

  it.each<[string, CallAnswer, string]>([
    ['401', status(401, 'bad token sk-1234567890abcdef'), 'it answered HTTP 401: bad token [redacted]'],
    ['429', status(429, ''), 'it answered HTTP 429'],
    ['500', status(500, '<html>oops</html>'), 'it answered HTTP 500'],
    ['503', status(503, 'maintenance'), 'it answered HTTP 503: maintenance'],
    ['202', status(202, ''), 'it took the call, but will not answer it (HTTP 202)'],
    ['a page', status(200, '<html>'), 'the call failed (Unexpected content type: text/plain)'],
  ])('is told to the model: %s', async (_name, answer, why) => {
    const { server, world } = await setup({ act: answer }, {}, NOT_AGAIN);
    expect(await world.failure('web__act')).toEqual({
      code: 'server_failed',
      message: `There is no result from the MCP server "web": ${why}.`,
    });
    expect(server.count('POST tools/call act')).toBe(1);
    expect(world.state('web').status).toBe('connected');
  });

  it('is not followed to another host, which would learn the headers', async () => {
    const other = createServer((request, response) => {
      stolen.push(String(request.headers['x-key']));
      response.end();
    });
    const stolen: string[] = [];
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    const { world } = await setup(
      {
        act: (_message, response) => response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end(),
      },
      { headers: { 'X-Key': 'secret-value' } },
    );
    const { code, message } = await world.failure('web__act');
    expect([code, stolen]).toEqual(['server_failed', []]);
    expect(message).toContain('HTTP 307');
    other.close();
  });
});

it('closes the request of a cancelled call, and tells the server', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const hang: CallAnswer = (_message, response) => {
    closed = once(stream(response), 'close');
  };
  const { server, world } = await setup({ hang });
  const end = new AbortController();
  const call = world.failure('web__hang', {}, { signal: end.signal });
  await until('it is called', () => server.count('POST tools/call hang') === 1);
  end.abort(new ToolError('timed out after 5 ms', 'timed_out'));
  expect(await call).toEqual({ code: 'timed_out', message: 'timed out after 5 ms' });
  await closed;
  await until('it is told', () => server.count('POST notifications/cancelled') === 1);
});

it('follows the list of tools, which a stream announces', async () => {
  const { server, world } = await setup({});
  await until('the stream is open', () => server.streams.size === 1);
  server.tools['fresh'] = echo;
  delete server.tools['echo'];
  server.notify('notifications/tools/list_changed');
  await until('it is known', () => world.registry.find('web__fresh'));
  expect(world.registry.find('web__echo')).toBeUndefined();
});

it('sends the headers of the file, in which secrets are only named', async () => {
  process.env['REPRISE_TEST_TOKEN'] = 'token-from-outside';
  const headers = { Authorization: 'Bearer ${REPRISE_TEST_TOKEN}' };
  const { server, world } = await setup(
    { leak: (_message, response) => void response.writeHead(403).end('token-from-outside is not allowed') },
    { headers },
  );
  await world.call('web__echo');
  expect(server.headers.every(({ authorization }) => authorization === 'Bearer token-from-outside')).toBe(
    true,
  );
  expect((await world.failure('web__leak')).message).toContain('HTTP 403: [redacted] is not allowed');
});

it('works with a server without streams, and says goodbye', async () => {
  server = await HttpServer.start({ echo });
  server.hasStreams = false;
  world = await startWorld({ web: { url: server.url } });
  expect(await world.call('web__echo')).toEqual({ text: 'echo' });
  await world.close();
  world = undefined;
  expect(server.log.at(-1)).toBe('DELETE');
});
