// Serves a few tools in three ways: MCP over standard input and output, MCP over Streamable HTTP (`/mcp`), and the simple
// protocol (`GET /mcp/discover`, `POST /mcp/execute`).
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const BODY_MAX_BYTES = 10 * 1024 * 1024;

/** A failure that the model should know about. Anything else is logged, and told as "failed unexpectedly". */
export class Problem extends Error {}

/**
 * @typedef {object} Tool
 * @property {string} name
 * @property {string} title for people
 * @property {string} description for the model
 * @property {z.ZodObject} input
 * @property {boolean} readOnly changes nothing; any other tool needs a person's approval
 * @property {(args: any) => Promise<object>} run returns the result as JSON; throws Problem
 */

/**
 * Serves the tools as the first argument of the program says: `stdio`, or HTTP on HOST and PORT.
 * @param {{ name: string, description: string, tools: Tool[] }} service
 */
export function serve(service) {
  const settings = { host: '127.0.0.1', port: 9100, ...fromEnvironment(process.env) };
  if (process.argv[2] === 'stdio') serveStdio(() => mcpServer(service));
  else serveHttp(service, settings);
}

function fromEnvironment({ HOST, PORT, AUTH_TOKEN }) {
  if (HOST && !isLoopback(HOST) && !AUTH_TOKEN)
    throw new Error(`AUTH_TOKEN must be set, because HOST (${HOST}) lets others reach these tools.`);
  return { ...(HOST && { host: HOST }), ...(PORT && { port: Number(PORT) }), token: AUTH_TOKEN };
}

function isLoopback(host) {
  return ['127.0.0.1', '::1', 'localhost'].includes(host);
}

function mcpServer({ name, tools }) {
  const server = new McpServer({ name, version: '1.0.0' });
  for (const tool of tools) {
    const { title, description, input: inputSchema, readOnly } = tool;
    const annotations = readOnly ? { readOnlyHint: true } : { readOnlyHint: false, destructiveHint: true };
    server.registerTool(tool.name, { title, description, inputSchema, annotations }, async (args) => {
      const { result, error } = await run(tool, args);
      if (error !== undefined) return { isError: true, content: [{ type: 'text', text: error }] };
      return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result };
    });
  }
  return server;
}

async function run(tool, args) {
  try {
    return { result: await tool.run(args) };
  } catch (error) {
    if (error instanceof Problem) return { error: error.message };
    console.error(`${tool.name} failed:`, error);
    return { error: 'The tool failed unexpectedly.' };
  }
}

function serveHttp(service, { host, port, token }) {
  const mcp = toNodeHandler(createMcpHandler(() => mcpServer(service)));
  // A page in a browser on this machine must not reach the tools under another name.
  const guards = isLoopback(host) ? [localhostHostValidation(), localhostOriginValidation()] : [];
  const server = createServer(async (request, response) => {
    if (!guards.every((allows) => allows(request, response))) return;
    if (token && !isToken(request.headers.authorization, token))
      return send(response, 401, { detail: 'Wrong token.' });
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/mcp') return mcp(request, response);
    if (pathname === '/mcp/discover' && request.method === 'GET')
      return send(response, 200, discovery(service));
    if (pathname === '/mcp/execute' && request.method === 'POST') return execute(service, request, response);
    return send(response, 404, { detail: 'Not found.' });
  });
  server.listen(port, host, () =>
    console.error(`${service.name} listens on http://${host}:${server.address().port}`),
  );
}

function isToken(header, token) {
  const digest = (text) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

function discovery({ name, description, tools }) {
  return {
    server_name: name,
    version: '1.0.0',
    description,
    tools: tools.map((tool) => ({
      name: tool.name,
      description: tool.description,
      input_schema: z.toJSONSchema(tool.input, { io: 'input' }),
      requires_confirmation: !tool.readOnly,
    })),
  };
}

async function execute({ tools }, request, response) {
  const body = requestSchema.safeParse(await readJson(request).catch(() => undefined));
  if (!body.success) return send(response, 422, { detail: z.prettifyError(body.error) });
  const { request_id, tools: calls } = body.data;
  const failed = (error) => send(response, 200, { request_id, successful: false, error });
  const results = [];
  for (const { tool_slug, arguments: given } of calls) {
    const tool = tools.find(({ name }) => name === tool_slug);
    if (!tool) return failed(`Unknown tool: ${tool_slug}`);
    const args = tool.input.safeParse(given);
    if (!args.success) return failed(z.prettifyError(args.error));
    const { result, error } = await run(tool, args.data);
    if (error !== undefined) return failed(error);
    results.push({ tool_slug, response: result });
  }
  return send(response, 200, { request_id, successful: true, data: { results } });
}

const requestSchema = z.object({
  request_id: z.string().optional(),
  tools: z
    .array(z.object({ tool_slug: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) }))
    .min(1)
    .max(10),
});

async function readJson(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_MAX_BYTES) throw new Error('too large');
  }
  return JSON.parse(text);
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
