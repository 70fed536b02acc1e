import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { closeWorlds, example, newWorld } from './examples.js';
import { listen } from './support.js';

// What all example servers have in common.

afterAll(closeWorlds);

describe('a server over HTTP', () => {
  const env = { DATABASE_URL: 'postgres://x@127.0.0.1:1/x' };

  it('wants its token, if it has one', async () => {
    const { url } = await listen(example('mcp-database'), [], {
      env: { ...env, AUTH_TOKEN: 'letmein-token' },
    });
    expect((await fetch(`${url}/mcp/discover`)).status).toBe(401);
    process.env['REPRISE_TEST_TOKEN'] = 'letmein-token';
    const headers = { Authorization: 'Bearer ${REPRISE_TEST_TOKEN}' };
    const world = await newWorld(
      {
        http: { url: `${url}/mcp`, headers },
        simple: { url, protocol: 'simple', headers },
        stranger: { url: `${url}/mcp` },
      },
      { MCP_START_WAIT_MS: '2000' },
    );
    expect(['http', 'simple', 'stranger'].map((name) => world.state(name).status)).toEqual([
      'connected',
      'connected',
      'unavailable',
    ]);
    expect(world.state('stranger').reason).toBe('it answered HTTP 401: {"detail":"Wrong token."}');
  });

  it.each([
    ['GET', '/mcp/nowhere', undefined, 404],
    ['POST', '/mcp/execute', 'no json', 422],
    ['POST', '/mcp/execute', '{"tools":[]}', 422],
    ['POST', '/mcp/execute', '{"tools":[{"tool_slug":"nope"}]}', 200],
  ])('answers nonsense in words: %s %s %s', async (method, path, body, status) => {
    const { url } = await listen(example('mcp-database'), [], { env });
    const response = await fetch(url + path, { method, ...(body !== undefined && { body }) });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(
      status === 200 ? { successful: false, error: 'Unknown tool: nope' } : { detail: expect.any(String) },
    );
  });

  it('refuses names under which a page could reach it', async () => {
    const { port } = await listen(example('mcp-database'), [], { env });
    const asked = request({
      port,
      host: '127.0.0.1',
      path: '/mcp/discover',
      headers: { host: 'evil.example' },
    });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(403);
    response.resume();
  });
});
