import type { Stage } from '../../conformance/setup.js';
import { startTestApp } from '../../support/app.js';
import { Client, type Answer } from '../../support/client.js';
import { RawStream } from '../../support/raw-stream.js';
import { runsOf, setAgents } from './stage.js';

const ASYNC = { prefer: 'respond-async' };

describe('/api/coordinator', () => {
  let stage: Stage;
  let users = 0;
  let user: string;
  beforeAll(async () => {
    stage = await setAgents();
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    user = `user-${users++}`;
  });

  const run = (kind: string, body: object, headers = {}): Promise<Answer> =>
    stage.client.post(`/api/coordinator/${kind}?user_id=${user}`, body, headers);
  /** Answers the next turns of the model, each with the name of its agent. */
  const answer = async (turns: number): Promise<string[]> => {
    const agents: string[] = [];
    for (let i = 0; i < turns; i++) {
      const turn = await stage.model.next();
      const agent = /You are (\w+)\./.exec(String(turn.messages[0]?.content))?.[1] ?? '';
      agents.push(agent);
      turn.text(`From ${agent}.`).finish();
    }
    return agents;
  };

  it('runs agents one after the other, and answers with the result', async () => {
    const asked = run('sequential', { prompt: 'in line', agents: ['alpha', 'beta'] });
    expect(await answer(2)).toEqual(['alpha', 'beta']);
    const { status, body, headers } = await asked;
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(body).toMatchObject({
      message_id: headers.get('x-message-id'),
      stream_url: headers.get('x-stream-url'),
      workflow: 'workflow',
      strategy: 'sequential',
      status: 'completed',
      result: 'From beta.',
      steps: [
        { agent: 'alpha', status: 'ok', result: 'From alpha.', duration_ms: expect.any(Number) },
        { agent: 'beta', status: 'ok', result: 'From beta.' },
      ],
      duration_ms: expect.any(Number),
      usage: { total_tokens: expect.any(Number) },
    });
  });

  it('runs agents side by side, and lets a lead join their answers', async () => {
    const asked = run('parallel', { prompt: 'at once', agents: ['alpha', 'beta'], lead: 'boss' });
    expect((await answer(2)).sort()).toEqual(['alpha', 'beta']);
    expect(await answer(1)).toEqual(['boss']);
    expect((await asked).body).toMatchObject({
      strategy: 'parallel',
      status: 'completed',
      result: 'From boss.',
    });
  });

  it('lets one agent direct others', async () => {
    const asked = run('hierarchical', { prompt: 'directed', lead: 'boss', agents: ['alpha'] });
    const boss = await stage.model.next('directed');
    expect(boss.messages[0]?.content).toContain('You are boss.');
    boss.toolCall('task', { agent: 'alpha', task: 'help' }).finish();
    expect(await answer(1)).toEqual(['alpha']);
    expect(await answer(1)).toEqual(['boss']);
    expect((await asked).body).toMatchObject({
      strategy: 'hierarchical',
      status: 'completed',
      result: 'From boss.',
    });
  });

  it('runs a workflow of the deployment by its name', async () => {
    const asked = run('workflow', { prompt: 'named', workflow: 'review', metadata: { tender_id: 't' } });
    await answer(2);
    const { body } = await asked;
    expect(body).toMatchObject({ workflow: 'review', strategy: 'sequential', status: 'completed' });
    expect(await stage.client.message(body.message_id)).toMatchObject({
      agent: 'review',
      metadata: { tender_id: 't' },
    });
  });

  it('answers with what went wrong', async () => {
    const asked = run('sequential', { prompt: 'fails', agents: ['alpha', 'beta'] });
    (await stage.model.next()).fail(400);
    const { status, body } = await asked;
    expect([status, body.status]).toEqual([200, 'error']);
    expect(body.error).toMatchObject({ code: 'workflow_step_failed', retryable: false });
    expect(body.steps).toMatchObject([{ agent: 'alpha', status: 'error' }]);
  });

  it('answers at once when it is asked to, and the run is followed elsewhere', async () => {
    const { status, body, headers } = await run('sequential', { prompt: 'later', agents: ['alpha'] }, ASYNC);
    expect([status, body.status, headers.get('preference-applied')]).toEqual([
      202,
      'processing',
      'respond-async',
    ]);
    expect(headers.get('location')).toBe(`/api/messages/${body.message_id}`);
    const stream = await RawStream.open(stage.app.url + String(body.stream_url));
    await answer(1);
    expect((await stream.end()).text).toContain('From alpha.');
  });

  it('answers after a while when it is asked to', async () => {
    const { status, body } = await run(
      'sequential',
      { prompt: 'soon', agents: ['alpha'] },
      { prefer: 'wait=0' },
    );
    expect([status, body.status]).toEqual([202, 'processing']);
    await answer(1);
    await stage.client.ended(body);
  });

  it('streams when it is asked to, and the stream is the log', async () => {
    const stream = await RawStream.post(
      `${stage.app.url}/api/coordinator/parallel?user_id=${user}`,
      { prompt: 'live', agents: ['alpha', 'beta'] },
      { accept: 'text/event-stream' },
    );
    await answer(2);
    await stream.end();
    const events = await stage.client.replay(String(stream.headers['x-message-id']));
    expect(stream.ids).toEqual(events.map(({ id }) => id));
    expect(stream.text).toContain('event: child_content');
  });

  it('streams the rest to a client that was cut off, and nothing to one that never asked', async () => {
    const url = `${stage.app.url}/api/coordinator/sequential?user_id=${user}`;
    const body = { prompt: 'rest', agents: ['alpha'] };
    const headers = { accept: 'text/event-stream', 'idempotency-key': 'rest' };
    const whole = RawStream.post(url, body, headers);
    await answer(1);
    const { ids } = await (await whole).end();
    const rest = await RawStream.post(url, body, { ...headers, 'last-event-id': ids[2] ?? '' });
    expect((await rest.end()).ids).toEqual(ids.slice(3));
    const lost = { ...headers, 'idempotency-key': 'other', 'last-event-id': ids[2] ?? '' };
    expect((await RawStream.post(url, body, lost)).status).toBe(400);
    expect(await runsOf(stage, user)).toHaveLength(1);
  });

  it('is asked once by a request that is repeated, which gets the same result', async () => {
    const key = { 'idempotency-key': 'once' };
    const body = { prompt: 'repeated', agents: ['alpha'] };
    const asked = [run('sequential', body, key), run('sequential', body, key)];
    await answer(1);
    const [one, other] = await Promise.all(asked);
    expect(one?.body).toEqual(other?.body);
    expect((await run('sequential', body, key)).body).toEqual(one?.body);
    expect((await run('sequential', { ...body, prompt: 'other' }, key)).status).toBe(422);
    expect(await runsOf(stage, user)).toHaveLength(1);
  });

  it('is cancelled like any run, and says so', async () => {
    const asked = run('sequential', { prompt: 'stopped', agents: ['alpha', 'beta'] });
    (await stage.model.next()).text('Half');
    const [id] = await runsOf(stage, user);
    await stage.client.cancel(id ?? '');
    expect(await asked).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  });

  it('does not wait for a person', async () => {
    const asked = run('sequential', { prompt: 'careful', agents: ['writer'] });
    (await stage.model.next()).toolCall('write_file', { path: 'a.md', content: 'x' }).finish();
    const { status, body } = await asked;
    expect([status, body.status]).toEqual([202, 'waiting']);
    await stage.client.cancel(body.message_id);
  });

  it('goes on when the client hangs up', async () => {
    const stop = new AbortController();
    const asked = fetch(`${stage.app.url}/api/coordinator/sequential?user_id=${user}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'alone', agents: ['alpha'] }),
      signal: stop.signal,
    });
    const turn = await stage.model.next();
    stop.abort();
    await expect(asked).rejects.toThrow();
    turn.text('Done.').finish();
    const [id = ''] = await runsOf(stage, user);
    const { stream_url } = await stage.client.message(id);
    await stage.client.ended({ message_id: id, stream_url });
    expect(await stage.client.message(id)).toMatchObject({ status: 'completed' });
  });

  it.each([
    ['sequential', { prompt: 'x' }, 'validation_failed'],
    ['sequential', { agents: ['alpha'] }, 'validation_failed'],
    ['sequential', { prompt: 'x', agents: [] }, 'validation_failed'],
    ['sequential', { prompt: 'x', agents: 'alpha' }, 'validation_failed'],
    ['sequential', { prompt: 'x', agents: ['alpha'], lead: 'boss' }, 'validation_failed'],
    ['sequential', { prompt: 'x', agents: ['poet'] }, 'unknown_agent'],
    ['parallel', { prompt: 'x', agents: ['alpha'], lead: 'poet' }, 'unknown_agent'],
    ['hierarchical', { prompt: 'x', agents: ['alpha'] }, 'validation_failed'],
    ['hierarchical', { prompt: 'x', agents: ['alpha'], lead: 'review' }, 'invalid_workflow'],
    ['workflow', { prompt: 'x' }, 'validation_failed'],
    ['workflow', { prompt: 'x', workflow: 'poet' }, 'unknown_workflow'],
    ['workflow', { prompt: 'x', workflow: 'alpha' }, 'unknown_workflow'],
  ])('refuses %s %j with %s, and stores nothing', async (kind, body, code) => {
    const answered = await run(kind, body);
    expect([answered.status, answered.body.code]).toEqual([400, code]);
    expect((await stage.client.get(`/api/users/${user}/chats`)).body.total).toBe(0);
  });

  it('lists workflows and agents', async () => {
    const agents = (await stage.client.get('/api/agents')).body;
    expect((await stage.client.get('/api/coordinator/agents')).body).toEqual(agents);
    expect((await stage.client.get('/api/coordinator/workflows')).body).toMatchObject([
      { name: 'review', strategy: 'sequential', agents: ['alpha', 'beta'] },
    ]);
  });
});

describe('figures of workflows', () => {
  it('are those of the stored runs: they outlive a restart, and a reset moves a mark', async () => {
    const stage = await setAgents();
    const figures = async (client = stage.client): Promise<any> =>
      (await client.get('/api/coordinator/stats')).body;
    const asked = stage.client.post('/api/coordinator/workflow', { prompt: 'counted', workflow: 'review' });
    for (let i = 0; i < 2; i++) (await stage.model.next()).text('x').finish();
    await asked;
    const failing = stage.client.post('/api/coordinator/parallel', { prompt: 'bad', agents: ['alpha'] });
    (await stage.model.next()).fail(400);
    await failing;
    const before = await figures();
    expect(before).toMatchObject({
      since: null,
      total: 2,
      completed: 1,
      failed: 1,
      active: 0,
      tokens: expect.any(Number),
      by_strategy: { sequential: { total: 1, completed: 1 }, parallel: { total: 1, failed: 1 } },
      by_workflow: { review: { total: 1 } },
    });
    const restarted = await startTestApp(stage.app.env);
    expect(await figures(new Client(restarted.url))).toEqual(before);
    const { body } = await stage.client.post('/api/coordinator/stats/reset');
    expect(await figures(new Client(restarted.url))).toMatchObject({ since: body.since, total: 0 });
    expect(await runsOf(stage)).toHaveLength(2);
    await restarted.stop();
    await stage.close();
  });
});

it('a server that stops tells those who wait where to follow the run', async () => {
  const stage = await setAgents();
  const other = await startTestApp(stage.app.env);
  const asked = new Client(other.url).post('/api/coordinator/sequential', {
    prompt: 'moving',
    agents: ['alpha'],
  });
  await stage.model.next();
  const stopped = other.stop();
  const { status, body } = await asked;
  expect([status, body.status]).toEqual([202, 'processing']);
  await stopped;
  (await stage.model.next()).text('Moved.').finish();
  await stage.client.ended(body);
  expect(await stage.client.message(body.message_id)).toMatchObject({ status: 'completed' });
  await stage.close();
});
