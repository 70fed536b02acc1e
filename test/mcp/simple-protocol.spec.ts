import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ToolError } from '../../src/tools/index.js';
import { until } from '../support/until.js';
import { cleanUp, newContext, startWorld, type McpWorld } from './support.js';

// Servers that speak the simple protocol: GET /mcp/discover, POST /mcp/execute.

interface Request {
  path: string;
  headers: IncomingMessage['headers'];
  body: any;
}
type Execute = (request: Request, response: ServerResponse) => void;

const TOOLS: unknown[] = [
  {
    name: 'send_email',
    description: 'Send an email to specified recipients',
    category: 'communication',
    input_schema: { type: 'object', properties: { to: { type: 'array' } }, required: ['to'] },
    requires_confirmation: true,
  },
  { name: 'search_emails', description: 'Search', input_schema: { type: 'object', properties: {} } },
  { name: 'no_schema' },
  'nonsense',
];

const requests: Request[] = [];
let tools: unknown[] = TOOLS;
let execute: Execute;
let server: Server;
let world: McpWorld;

beforeEach(async () => {
  requests.length = 0;
  tools = TOOLS;
  execute = answers((body) => ({ request_id: body.request_id, successful: true, data: { results: [] } }));
  server = createServer((request, response) => {
    void receive(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  await world.close();
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
  await cleanUp();
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  const { url: path = '', headers } = request;
  requests.push({ path, headers, body: text === '' ? undefined : JSON.parse(text) });
  if (path.endsWith('/mcp/discover')) send(response, { server_name: 'email_tools', version: '1.0.0', tools });
  else execute(requests.at(-1)!, response);
}

function send(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function answers(make: (body: any) => object, status = 200): Execute {
  return ({ body }, response) => {
    send(response, make(body), status);
  };
}

const returns = (response: unknown): Execute =>
  answers(({ request_id, tools: [{ tool_slug }] }) => ({
    request_id,
    successful: true,
    data: { results: [{ tool_slug, response }] },
  }));

async function setup(more: object = {}): Promise<McpWorld> {
  const { port } = server.address() as AddressInfo;
  world = await startWorld({
    mail: { protocol: 'simple', url: `http://127.0.0.1:${port}/base`, ...more },
  });
  return world;
}

it('offers what is discovered; what requires a confirmation needs approval', async () => {
  await setup();
  const found = world.registry.list().filter(({ source }) => source === 'mail');
  expect(found.map(({ name, approval, idempotent }) => [name, approval, idempotent])).toEqual([
    ['mail__no_schema', false, false],
    ['mail__search_emails', false, false],
    ['mail__send_email', true, false],
  ]);
  expect(world.registry.find('mail__send_email')).toMatchObject({
    description: 'Send an email to specified recipients',
    parameters: { type: 'object', required: ['to'] },
  });
  expect(world.state('mail').faults).toEqual(['A tool is not described as the protocol requires.']);
});

it('calls a tool, with the id of the call and the headers of the file', async () => {
  await setup({ headers: { 'X-Key': 'secret-of-mail' } });
  execute = returns({ status: 'sent', recipients: ['a@b.c'] });
  const result = await world.call('mail__send_email', { to: ['a@b.c'] }, newContext({ call_id: 'call_77' }));
  expect(result).toEqual({ json: { status: 'sent', recipients: ['a@b.c'] } });
  expect(requests.at(-1)).toMatchObject({
    path: '/base/mcp/execute',
    headers: { 'x-key': 'secret-of-mail', 'content-type': 'application/json' },
    body: { request_id: 'call_77', tools: [{ tool_slug: 'send_email', arguments: { to: ['a@b.c'] } }] },
  });
});

it.each<[string, Execute, object]>([
  ['a text', returns('Hello'), { text: 'Hello' }],
  ['a list', returns([{ id: 1 }]), { json: [{ id: 1 }] }],
  ['null', returns(null), { json: null }],
  ['nothing', answers(() => ({ successful: true })), { text: '(The tool returned nothing.)' }],
])('returns %s', async (_name, answer, result) => {
  await setup();
  execute = answer;
  expect(await world.call('mail__search_emails')).toEqual(result);
});

it.each<[string, Execute, { code: string; message: unknown }]>([
  [
    'in words',
    answers(() => ({ successful: false, error: 'Unknown tool: x' })),
    { code: 'tool_failed', message: 'Unknown tool: x' },
  ],
  [
    'with a status',
    answers(() => ({ detail: 'SMTP refused, password=hunter22secret' }), 500),
    {
      code: 'server_failed',
      message:
        'There is no result from the MCP server "mail": it answered HTTP 500: SMTP refused, password=[redacted].',
    },
  ],
  [
    'with a validation error',
    answers(() => ({ detail: [{ loc: ['body'], msg: 'field required' }] }), 422),
    {
      code: 'server_failed',
      message: 'There is no result from the MCP server "mail": it answered HTTP 422.',
    },
  ],
  [
    'with something else',
    (_request, response) => void response.end('<html>'),
    {
      code: 'server_failed',
      message: 'There is no result from the MCP server "mail": its answer is not one of this protocol.',
    },
  ],
  [
    'with a redirect, which is not followed',
    (_request, response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
    {
      code: 'server_failed',
      message: 'There is no result from the MCP server "mail": it answered HTTP 307.',
    },
  ],
  [
    'with 50 MB',
    (_request, response) => void response.end(`"${'x'.repeat(50_000_000)}"`),
    {
      code: 'result_too_large',
      message: 'The result is larger than 1 MB. Ask for less, in several calls if need be.',
    },
  ],
  [
    'in the middle',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '50' }).write('{"succ');
      setImmediate(() => response.destroy());
    },
    { code: 'outcome_unknown', message: expect.stringContaining('was lost during the call') },
  ],
])('fails %s', async (_name, answer, failure) => {
  await setup({ max_result_bytes: 1_048_576 });
  execute = answer;
  expect(await world.failure('mail__send_email')).toEqual(failure);
  expect(requests.filter(({ path }) => path.endsWith('execute'))).toHaveLength(1);
});

it('is told that a call was cancelled by the end of its request', async () => {
  await setup();
  let gone: Promise<unknown> | undefined;
  execute = (_request, response) => {
    gone = once(response, 'close');
  };
  const end = new AbortController();
  const call = world.failure('mail__send_email', {}, { signal: end.signal });
  await until('it is called', () => gone !== undefined);
  end.abort(new ToolError('cancelled', 'cancelled'));
  expect((await call).code).toBe('cancelled');
  await gone;
});

it('may be started later', async () => {
  const { port } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  world = await startWorld(
    { mail: { protocol: 'simple', url: `http://127.0.0.1:${port}` } },
    { MCP_START_WAIT_MS: '50' },
  );
  await world.becomes('mail', 'unavailable');
  await once(server.listen(port, '127.0.0.1'), 'listening');
  await world.becomes('mail', 'connected');
  execute = returns('here');
  expect(await world.call('mail__no_schema')).toEqual({ text: 'here' });
});
