import { Client } from '../support/client.js';
import { RawStream } from '../support/raw-stream.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

interface Line {
  level: number;
  msg: string;
  request_id?: string;
  req?: { method: string; path: string };
  res?: { status: number };
  responseTime?: number;
}

describe('the line of each request in the log', () => {
  let model: ScriptedModel;
  let server: ServerProcess;
  let client: Client;
  beforeAll(async () => {
    model = await ScriptedModel.start();
    const env = { ...model.env, LOG_LEVEL: 'info', LOG_FORMAT: 'json', STREAMS_MAX: '1' };
    server = await ServerProcess.start({ env });
    client = new Client(server.url);
  });
  afterAll(async () => {
    await server.terminate();
    await model.stop();
  });

  const lines = (): Line[] =>
    server.output
      .split('\n')
      .filter((line) => line.startsWith('{"'))
      .map((line) => JSON.parse(line) as Line)
      .filter(({ req }) => req !== undefined);
  const linesOf = (id: string): Line[] => lines().filter(({ request_id }) => request_id === id);
  const lineOf = (id: string): Promise<Line> => until(`${id} is in the log`, () => linesOf(id)[0]);
  const ask = (id: string, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(server.url + path, { ...init, headers: { 'x-request-id': id } });

  it.each([
    ['found', '/api/openapi.json', 200, 30, 'request completed'],
    ['missing', '/api/nothing', 404, 30, 'request completed'],
  ])(
    '%s: method, path and status, and nothing that may be a secret',
    async (id, path, status, level, msg) => {
      await (await ask(id, `${path}?token=very-secret`)).text();
      const line = await lineOf(id);
      expect(line).toMatchObject({ level, msg, req: { method: 'GET', path }, res: { status } });
      expect(Number.isInteger(line.responseTime)).toBe(true);
      expect(server.output).not.toContain('very-secret');
    },
  );

  it('is written when a stream is over, be it refused, hung up or complete, and once', async () => {
    const run = await client.send(await client.newChat(), 'log');
    const answer = await model.next('log');
    const open = (id: string): Promise<RawStream> =>
      RawStream.open(server.url + run.stream_url, { 'x-request-id': id });
    const left = await open('left');
    expect((await ask('refused', run.stream_url)).status).toBe(503);
    expect(await lineOf('refused')).toMatchObject({
      level: 50,
      msg: 'request errored',
      res: { status: 503 },
    });
    expect(linesOf('left')).toEqual([]);
    left.hangUp();
    expect(await lineOf('left')).toMatchObject({ level: 30, msg: 'request aborted', res: { status: 200 } });
    const seen = await open('seen');
    answer.text('Done.').finish();
    await seen.end();
    expect(await lineOf('seen')).toMatchObject({ msg: 'request completed', req: { path: run.stream_url } });
    expect(['left', 'refused', 'seen'].map((id) => linesOf(id).length)).toEqual([1, 1, 1]);
  });

  it('is not written for what machines ask every few seconds', async () => {
    await (await ask('quiet', '/health/live')).text();
    await (await ask('loud', '/health/other')).text();
    await lineOf('loud');
    expect(linesOf('quiet')).toEqual([]);
  });
});
