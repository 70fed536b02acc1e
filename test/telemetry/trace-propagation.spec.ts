import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { HttpServer, json, said } from '../mcp/http-server.js';
import { startTestApp, testMongoUri } from '../support/app.js';
import { Client } from '../support/client.js';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { RedisProcess } from '../support/redis-process.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

const TRACE = 'c0ffee00000000000000000000000001';
const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };

let folder: string;
let model: ScriptedModel;
let collector: OtlpReceiver;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'propagation-'));
  model = await ScriptedModel.start();
});
afterAll(async () => {
  await cleanUpServers();
  await model.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  collector = await OtlpReceiver.start();
});
afterEach(() => collector.stop());

const named = (name: string): ReceivedSpan[] => collector.spans.filter((span) => span.name === name);
const parentOf = (traceparent: unknown): string => String(traceparent).split('-')[2] ?? '';

describe('a run that other processes work on, told through Redis', () => {
  it('stays in the trace of its request, also when it is handed over', async () => {
    const redis = await RedisProcess.start();
    const env = {
      ...model.env,
      REDIS_URL: redis.url,
      MONGODB_URI: testMongoUri(),
      MONGODB_DATABASE: `test_${randomBytes(6).toString('hex')}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      LOG_LEVEL: 'info',
    };
    const start = (ROLE: string, OTEL_SERVICE_NAME: string): Promise<ServerProcess> =>
      ServerProcess.start({ env: { ...env, ROLE, OTEL_SERVICE_NAME } });
    try {
      const [api, first] = await Promise.all([start('api', 'api'), start('worker', 'first')]);
      const client = new Client(api.url);
      const { body } = await client.post(
        `/api/chats/${await client.newChat()}/messages`,
        { content: 'where?' },
        headers,
      );
      await model.next('where?');
      await first.terminate();
      const { message_id } = body;
      expect(first.output).toMatch(
        new RegExp(`"message_id":"${message_id}".*"trace_id":"${TRACE}".*a run was handed over`),
      );
      await start('worker', 'second');
      (await model.next('where?')).text('Here.').finish();
      await client.ended(body);
      const spans = await collector.traceWith(
        /^invoke_agent/,
        ({ attributes }) => attributes['reprise.attempt'] === 2,
      );
      const service = (span: ReceivedSpan): unknown =>
        collector.requests.find((request) => request.spans.includes(span))?.resource['service.name'];
      const post = spans.find(({ kind }) => kind === 2)!;
      const attempts = spans.filter(({ name }) => name.startsWith('invoke_agent'));
      expect(attempts.map((span) => [service(span), span.trace_id, span.parent, span.status])).toEqual([
        ['first', TRACE, post.span_id, 0],
        ['second', TRACE, post.span_id, 0],
      ]);
      expect(service(post)).toBe('api');
      expect(attempts[0]?.attributes['reprise.status']).toBe('handed_over');
      expect(attempts[1]?.links).toMatchObject([{ span_id: attempts[0]?.span_id }]);
    } finally {
      await cleanUpServers();
      await redis.kill9();
    }
  }, 120_000);
});

describe('what a run asks of others', () => {
  it('carries the trace: MCP servers, remote agents and the APIs of tools', async () => {
    const asked: { url: string; headers: IncomingMessage['headers'] }[] = [];
    const others: Server = createServer((request, response) => {
      request.resume();
      asked.push({ url: request.url ?? '', headers: request.headers });
      if (request.url === '/agent') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('data: {"content":"From afar."}\n\ndata: [DONE]\n\n');
      } else response.writeHead(503).end();
    });
    await once(others.listen(0, '127.0.0.1'), 'listening');
    const base = `http://127.0.0.1:${(others.address() as AddressInfo).port}`;
    const metas: unknown[] = [];
    const mcp = await HttpServer.start({
      look: ({ id, params }, response) => {
        metas.push(params?.['_meta']);
        json(response, id, said('looked'));
      },
    });
    await writeFile(
      path.join(folder, 'agents.yaml'),
      [
        'agents:',
        '  - {name: chief, kind: model, description: d, instructions: i, tools: [weather, far__look], delegates: [away]}',
        `  - {name: away, kind: remote, description: d, protocol: sse, url: "${base}/agent"}`,
      ].join('\n'),
    );
    await writeFile(path.join(folder, 'mcp.yaml'), `servers:\n  far:\n    url: ${mcp.url}\n`);
    const app = await startTestApp({
      ...model.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      AGENTS_FILE: path.join(folder, 'agents.yaml'),
      MCP_SERVERS_FILE: path.join(folder, 'mcp.yaml'),
      TOOLBOX: 'weather',
      WEATHER_URL: `${base}/weather`,
    });
    try {
      const client = new Client(app.url);
      const { body } = await client.post(
        `/api/chats/${await client.newChat()}/messages`,
        { content: 'ask all?' },
        headers,
      );
      (await model.next('ask all?'))
        .toolCall('far__look', {}, 'c1')
        .toolCall('weather', { latitude: 1, longitude: 2 }, 'c2')
        .toolCall('task', { agent: 'away', task: 'Say.' }, 'c3')
        .finish();
      (await model.next('ask all?')).text('Done.').finish();
      await client.ended(body);
      await collector.traceWith('invoke_agent chief');
      await until('the spans of all have come', () => named('invoke_agent away').length === 2);
      const sent = (url: string): unknown =>
        asked.find((one) => one.url.startsWith(url))?.headers['traceparent'];
      const look = named('execute_tool far__look')[0]!;
      expect(metas).toEqual([expect.objectContaining({ traceparent: `00-${TRACE}-${look.span_id}-01` })]);
      expect(mcp.headers.map(({ traceparent }) => traceparent)).toContain(`00-${TRACE}-${look.span_id}-01`);
      expect(parentOf(sent('/weather'))).toBe(named('execute_tool weather')[0]?.span_id);
      const remote = named('invoke_agent away').find(({ kind }) => kind === 3);
      expect(parentOf(sent('/agent'))).toBe(remote?.span_id);
    } finally {
      await app.destroy();
      await mcp.stop();
      others.closeAllConnections();
      others.close();
    }
  });
});
