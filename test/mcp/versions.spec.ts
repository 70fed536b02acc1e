import { ToolError } from '../../src/tools/index.js';
import { cleanUp, kill, listen, own, startWorld, type McpWorld } from './support.js';

// A server that refuses the version of the protocol in which it is greeted first.

let world: McpWorld;
afterEach(async () => {
  await world.close();
  await cleanUp();
});

async function setup() {
  const http = await listen(own('modern.mjs'));
  world = await startWorld({
    http: { url: `${http.url}/mcp` },
    stdio: { command: process.execPath, args: [own('modern.mjs'), 'stdio'] },
  });
  return http;
}

it('is asked which one it speaks', async () => {
  await setup();
  for (const server of ['http', 'stdio']) {
    expect(await world.call(`${server}__echo`, { text: server })).toEqual({ text: server });
    const end = new AbortController();
    const call = world.failure(`${server}__hang`, {}, { signal: end.signal });
    end.abort(new ToolError('cancelled', 'cancelled'));
    expect((await call).code).toBe('cancelled');
    expect(await world.call(`${server}__echo`, { text: 'again' })).toEqual({ text: 'again' });
  }
});

it('may be restarted', async () => {
  const http = await setup();
  await kill(http.child);
  await listen(own('modern.mjs'), [], { port: http.port });
  expect(await world.call('http__echo', { text: 'back' })).toEqual({ text: 'back' });
});
