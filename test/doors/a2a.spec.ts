import {
  AgentCard,
  Role,
  TaskState,
  type Message,
  type Part,
  type StreamResponse,
  type Task,
} from '@a2a-js/sdk';
import { ClientFactory, type Client } from '@a2a-js/sdk/client';
import { Authenticator } from '../../src/platform/http/index.js';
import { scopeOf } from '../support/scopes.js';
import { Deeds, teachTools } from '../support/approvals.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { RawStream } from '../support/raw-stream.js';
import { until } from '../support/until.js';
import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../conformance/setup.js';

const textOf = (parts: readonly Part[]): string =>
  parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')).join('');

/** What a client of the official SDK holds after the events that it was given. */
class Reading {
  readonly events: StreamResponse[] = [];
  taskId = '';
  contextId = '';
  text = '';
  states: TaskState[] = [];
  said = '';

  take(event: StreamResponse): void {
    this.events.push(event);
    const { payload } = event;
    if (payload?.$case === 'task') {
      this.taskId = payload.value.id;
      this.contextId = payload.value.contextId;
      this.text = payload.value.artifacts.map(({ parts }) => textOf(parts)).join('');
      this.reach(payload.value.status);
    } else if (payload?.$case === 'statusUpdate') this.reach(payload.value.status);
    else if (payload?.$case === 'artifactUpdate') {
      const piece = textOf(payload.value.artifact?.parts ?? []);
      this.text = payload.value.append ? this.text + piece : piece;
    }
  }

  get state(): TaskState | undefined {
    return this.states.at(-1);
  }

  async all(stream: AsyncIterable<StreamResponse>): Promise<this> {
    for await (const event of stream) this.take(event);
    return this;
  }

  private reach(status: Task['status']): void {
    if (!status) return;
    this.states.push(status.state);
    if (status.message) this.said = textOf(status.message.parts);
  }
}

let stage: Stage;
let client: Client;
const deeds = new Deeds();
beforeAll(async () => {
  stage = await setStage();
  const guard = stage.app.nest.get(Authenticator);
  const everybody = guard.authenticate.bind(guard);
  guard.authenticate = (request, access) => {
    const user = request.get('x-user');
    return user === undefined ? everybody(request, access) : scopeOf(user);
  };
  client = await new ClientFactory().createFromUrl(stage.app.url);
});
afterAll(() => stage.close());
beforeEach(() => {
  deeds.reset();
});

let sent = 0;
const message = (parts: object[] | string, more: Partial<Message> = {}) => {
  const content = typeof parts === 'string' ? [{ text: parts }] : parts;
  const read = content.map((part) => {
    const [[$case, value] = []] = Object.entries(part);
    return { content: { $case, value }, metadata: undefined, filename: '', mediaType: '' } as Part;
  });
  return {
    tenant: '',
    message: {
      messageId: `m-${++sent}`,
      contextId: '',
      taskId: '',
      role: Role.ROLE_USER,
      parts: read,
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
      ...more,
    },
    configuration: undefined,
    metadata: undefined,
  };
};
const ask = (text: string, more?: Partial<Message>): Promise<Reading> =>
  new Reading().all(client.sendMessageStream(message(text, more)));
const get = (id: string): Promise<Task> => client.getTask({ tenant: '', id });
const subscribe = (id: string, to = client): AsyncGenerator<StreamResponse, void, undefined> =>
  to.resubscribeTask({ tenant: '', id });
const answer = async (question: string, text: string): Promise<void> => {
  (await stage.model.next(question)).text(text).finish();
};

describe('the agent card', () => {
  it('is valid, and names the door at the address where it was asked', async () => {
    const { body } = await stage.client.get('/.well-known/agent-card.json');
    const card = AgentCard.fromJSON(body);
    expect(card).toMatchObject({
      name: 'assistant',
      supportedInterfaces: [
        { url: `${stage.app.url}/a2a`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      ],
      capabilities: { streaming: true, pushNotifications: false },
      securityRequirements: [],
    });
    expect(card.skills).toHaveLength(1);
  });
});

describe('the official client', () => {
  it('streams a run with thinking, a plan and tools: its artifact is the answer, and its task is the message', async () => {
    const reading = ask('rich');
    await playRichRun(stage.model, 'rich');
    const { text, states, taskId, contextId, events } = await reading;
    expect(text).toBe(RICH_ANSWER);
    expect([states[0], states.at(-1)]).toEqual([
      TaskState.TASK_STATE_WORKING,
      TaskState.TASK_STATE_COMPLETED,
    ]);
    expect(events[0]?.payload?.$case).toBe('task');
    const kinds = events.flatMap(({ payload }) =>
      payload?.$case === 'statusUpdate' ? (payload.value.status?.message?.parts ?? []) : [],
    );
    const data = kinds.flatMap(({ content }) =>
      content?.$case === 'data' ? Object.keys(content.value as object) : [],
    );
    expect(new Set(data)).toEqual(new Set(['plan', 'tool_start', 'tool_end']));
    const stored = await stage.client.message(taskId);
    expect(stored).toMatchObject({ chat_id: contextId, content: 'rich', status: 'completed' });
    expect((await get(taskId)).artifacts.map(({ parts }) => textOf(parts))).toEqual([RICH_ANSWER]);
  });

  it('waits for the whole answer without a stream, or not at all', async () => {
    const waiting = client.sendMessage(message('blocking'));
    await answer('blocking', 'Done.');
    expect(await waiting).toMatchObject({
      status: { state: TaskState.TASK_STATE_COMPLETED },
      artifacts: [{ parts: [{ content: { value: 'Done.' } }] }],
    });
    const configuration = {
      returnImmediately: true,
      acceptedOutputModes: [],
      taskPushNotificationConfig: undefined,
    };
    const task = await client.sendMessage({ ...message('at once'), configuration });
    expect(task).toMatchObject({ artifacts: [], history: [{ role: Role.ROLE_USER }] });
    await answer('at once', 'Later.');
    const { id } = task as Task;
    await until('it has ended', async () => (await get(id)).status?.state === TaskState.TASK_STATE_COMPLETED);
  });

  it('asks again in the same context, by its own name for it and by ours', async () => {
    const first = ask('one', { contextId: 'their context' });
    await answer('one', '1');
    const { contextId } = await first;
    const again = ask('two', { contextId: 'their context' });
    await answer('two', '2');
    expect((await again).contextId).toBe(contextId);
    const ours = ask('three', { contextId });
    await answer('three', '3');
    expect((await ours).contextId).toBe(contextId);
    const history = await stage.client.history(contextId);
    expect(history.map(({ content }) => content)).toEqual(['one', '1', 'two', '2', 'three', '3']);
  });

  it('that sends the same message twice gets the same task', async () => {
    const once = message('only once');
    const both = [client.sendMessageStream(once), client.sendMessageStream(once)].map((stream) =>
      new Reading().all(stream),
    );
    await answer('only once', 'Once.');
    const [one, other] = await Promise.all(both);
    expect([one?.text, other?.text, one?.taskId]).toEqual(['Once.', 'Once.', other?.taskId]);
    const again = await new Reading().all(client.sendMessageStream(once));
    expect([again.taskId, again.text, again.state]).toEqual([
      one?.taskId,
      'Once.',
      TaskState.TASK_STATE_COMPLETED,
    ]);
    expect(stage.model.pending).toEqual([]);
  });

  it('that subscribes again after any event misses nothing and gets nothing twice', async () => {
    const reading = new Reading();
    const stream = client.sendMessageStream(message('resume'));
    const whole = (async () => {
      for await (const event of stream) reading.take(event);
    })();
    const turn = await stage.model.next('resume');
    const later: Promise<Reading>[] = [];
    const pieces = ['One', ' two', ' three', ' four', ' five'];
    for (const [index, piece] of pieces.entries()) {
      turn.text(piece);
      await until('the piece came', () => reading.text === pieces.slice(0, index + 1).join('') || undefined);
      const one = new Reading();
      const events = subscribe(reading.taskId);
      one.take((await events.next()).value as StreamResponse);
      expect(one.text).toBe(reading.text);
      later.push(one.all(events));
    }
    turn.finish();
    await whole;
    for (const one of await Promise.all(later)) {
      expect(one.text).toBe(pieces.join(''));
      expect(one.state).toBe(TaskState.TASK_STATE_COMPLETED);
    }
  });

  it('whose connection is cut finds the task as it was, and the rest of it', async () => {
    let budget = Infinity;
    const proxy = await CuttingProxy.start(stage.app.url, () => budget);
    const through = await new ClientFactory().createFromUrl(proxy.url);
    const reading = new Reading();
    budget = 1500;
    const cut = (async () => {
      for await (const event of through.sendMessageStream(message('cut'))) reading.take(event);
    })();
    const turn = await stage.model.next('cut');
    for (let n = 0; n < 10; n++) turn.text(`piece ${n} ${'x'.repeat(200)} `);
    await expect(cut).rejects.toThrow();
    budget = Infinity;
    const rest = new Reading();
    const resumed = rest.all(subscribe(reading.taskId, through));
    turn.text('the end').finish();
    await resumed;
    await proxy.stop();
    const wanted =
      Array.from({ length: 10 }, (_, n) => `piece ${n} ${'x'.repeat(200)} `).join('') + 'the end';
    expect(rest.text).toBe(wanted);
  });

  it('that hangs up stops nothing; one that cancels does', async () => {
    const stream = client.sendMessageStream(message('leave'));
    const first = (await stream.next()).value as StreamResponse;
    const { taskId } = ((reading) => (reading.take(first), reading))(new Reading());
    await stream.return(undefined);
    const turn = await stage.model.next('leave');
    turn.text('Still here.');
    const watching = new Reading().all(subscribe(taskId));
    await until('the run goes on', async () => (await get(taskId)).artifacts.length > 0);
    const cancelled = await client.cancelTask({ tenant: '', id: taskId, metadata: undefined });
    expect(cancelled.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    expect(await watching).toMatchObject({ text: 'Still here.', state: TaskState.TASK_STATE_CANCELED });
    await expect(client.cancelTask({ tenant: '', id: taskId, metadata: undefined })).rejects.toMatchObject({
      reason: 'TASK_NOT_CANCELABLE',
    });
    await expect(subscribe(taskId).next()).rejects.toMatchObject({ reason: 'UNSUPPORTED_OPERATION' });
  });

  it('is told why a run failed', async () => {
    const failed = ask('fails');
    (await stage.model.next('fails')).fail(400);
    const { state, said, taskId } = await failed;
    expect(state).toBe(TaskState.TASK_STATE_FAILED);
    expect(said).not.toBe('');
    expect((await get(taskId)).status?.message?.parts.map((part) => textOf([part]))).toEqual([said]);
  });

  it('shares a run with a client of the plain stream', async () => {
    const reading = ask('together');
    const turn = await stage.model.next('together');
    const { taskId, contextId } = await until('the run has begun', async () => {
      const { body } = await stage.client.get('/api/users/default/chats');
      const [chat] = (body as { items: { chat_id: string }[] }).items;
      const [question] = await stage.client.history(chat?.chat_id ?? '');
      return question?.content === 'together'
        ? { taskId: question.message_id, contextId: chat?.chat_id ?? '' }
        : undefined;
    });
    const plain = await RawStream.open(`${stage.app.url}/api/chats/${contextId}/messages/${taskId}/stream`);
    turn.text('For both.').finish();
    expect((await reading).text).toBe('For both.');
    expect((await plain.end()).text).toContain('For both.');
  });
});

describe('a call that needs approval', () => {
  beforeAll(() => {
    teachTools(stage.app, deeds);
  });

  const asks = async (question: string, ...ids: string[]): Promise<Reading> => {
    const reading = ask(question);
    const turn = await stage.model.next(question);
    for (const [index, id] of ids.entries()) turn.toolCall('pay', { euro: index + 1 }, id);
    turn.finish();
    return reading; // resolves: the stream ends where the client has to answer
  };

  it('is input that the task requires; approved, it goes on in the stream of the answer', async () => {
    const waiting = await asks('pay one', 'p1');
    expect(waiting.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    expect((await get(waiting.taskId)).status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    // Who comes late is told at once, too.
    expect((await new Reading().all(subscribe(waiting.taskId))).state).toBe(
      TaskState.TASK_STATE_INPUT_REQUIRED,
    );
    const going = ask('approve', { taskId: waiting.taskId });
    await answer('pay one', 'Paid.');
    expect(await going).toMatchObject({ text: 'Paid.', state: TaskState.TASK_STATE_COMPLETED });
    expect(deeds.paid).toEqual(['{"euro":1}']);
  });

  it('can be rejected with a reason, without a stream', async () => {
    const waiting = await asks('pay two', 'p2');
    const ended = client.sendMessage(message('reject: too much', { taskId: waiting.taskId }));
    await answer('pay two', 'Not paid.');
    expect(await ended).toMatchObject({ status: { state: TaskState.TASK_STATE_COMPLETED } });
    expect(deeds.paid).toEqual([]);
    const events = await stage.client.replay(waiting.taskId);
    expect(events.find(({ type }) => type === 'approval_resolved')).toMatchObject({
      decision: 'reject',
      reason: 'too much',
    });
  });

  it('beside another one is named', async () => {
    const { taskId } = await asks('pay both', 'a1', 'a2');
    await expect(ask('approve', { taskId })).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
    const decide = (call_id: string, decision: string) =>
      new Reading().all(client.sendMessageStream(message([{ data: { decision, call_id } }], { taskId })));
    expect((await decide('a1', 'approve')).state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    const going = decide('a2', 'reject');
    await answer('pay both', 'One of them.');
    expect(await going).toMatchObject({ text: 'One of them.', state: TaskState.TASK_STATE_COMPLETED });
    expect(deeds.paid).toEqual(['{"euro":1}']);
  });

  it('is not decided by anything else', async () => {
    const { taskId } = await asks('pay none', 'n1');
    for (const words of ['yes please', 'approve it twice', 'approved'])
      await expect(ask(words, { taskId })).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
    expect((await get(taskId)).status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    await client.cancelTask({ tenant: '', id: taskId, metadata: undefined });
    expect(deeds.paid).toEqual([]);
  });
});

describe('a bad call', () => {
  const call = (body: unknown, headers: Record<string, string> = {}) =>
    stage.client.request('POST', '/a2a', body, { 'a2a-version': '1.0', ...headers });
  const rpc = (method: string, params: unknown, id: unknown = 7) => ({ jsonrpc: '2.0', id, method, params });
  const good = { messageId: 'g', role: 'ROLE_USER', parts: [{ text: 'x' }] };
  const send = (change: object) => rpc('SendMessage', { message: { ...good, ...change } });
  const totalChats = async (): Promise<unknown> =>
    ((await stage.client.get('/api/users/default/chats')).body as { total: number }).total;
  const NO_TASK = '0123456789abcdef01234567';

  it.each<[string, unknown, number, unknown?]>([
    ['no object', [], -32600, null],
    ['a batch', [rpc('GetTask', { id: NO_TASK })], -32600, null],
    ['another version of JSON-RPC', { ...rpc('GetTask', {}), jsonrpc: '1.0' }, -32600],
    ['no id', { jsonrpc: '2.0', method: 'GetTask', params: {} }, -32600, null],
    ['an id that is none', rpc('GetTask', {}, { a: 1 }), -32600, null],
    ['no method', { jsonrpc: '2.0', id: 7 }, -32600],
    ['a method of 0.3', rpc('message/send', {}), -32601],
    ['a method of every object', rpc('toString', {}), -32601],
    ['a method that is not offered', rpc('ListTasks', {}), -32004],
    ['push notifications', rpc('CreateTaskPushNotificationConfig', {}), -32003],
    ['the extended card', rpc('GetExtendedAgentCard', {}), -32007],
    ['params that are no object', rpc('GetTask', 'x'), -32600],
    ['no message', rpc('SendMessage', {}), -32602],
    ['no parts', send({ parts: [] }), -32602],
    ['a part without content', send({ parts: [{}] }), -32602],
    ['blank text', send({ parts: [{ text: ' ' }] }), -32602],
    ['too much text', send({ messageId: 'long', parts: [{ text: 'x'.repeat(100_001) }] }), -32602],
    ['a file', send({ parts: [{ raw: 'eA==', mediaType: 'text/plain' }] }), -32005],
    ['the address of a file', send({ parts: [{ url: 'http://x' }] }), -32005],
    ['an unknown role', send({ role: 'ROLE_AGENT' }), -32602],
    ['a context that is too long', send({ contextId: 'x'.repeat(201) }), -32602],
    ['an unknown agent', send({ messageId: 'ua', metadata: { agent: 'nobody' } }), -32602],
    ['an agent that is no name', send({ metadata: { agent: 1 } }), -32602],
    [
      'a push address',
      rpc('SendMessage', { message: good, configuration: { taskPushNotificationConfig: {} } }),
      -32003,
    ],
    ['an unknown task', rpc('GetTask', { id: NO_TASK }), -32001],
    ['a task id that is none', rpc('GetTask', { id: '../x' }), -32001],
    ['a task id of another type', rpc('GetTask', { id: 1 }), -32602],
    ['a message to an unknown task', send({ taskId: NO_TASK }), -32001],
    ['a subscription to an unknown task', rpc('SubscribeToTask', { id: NO_TASK }), -32001],
    ['the cancelling of an unknown task', rpc('CancelTask', { id: NO_TASK }), -32001],
  ])('%s is told in the terms of JSON-RPC', async (_, body, code, id = 7) => {
    const chats = await totalChats();
    const { status, body: told } = await call(body);
    expect({ status, told }).toMatchObject({
      status: 200,
      told: { jsonrpc: '2.0', id, error: { code, message: expect.any(String) } },
    });
    expect(await totalChats()).toBe(chats);
  });

  it('of another version of the protocol is refused', async () => {
    const { body } = await call(rpc('GetTask', { id: NO_TASK }), { 'a2a-version': '0.3' });
    expect(body).toMatchObject({ error: { code: -32009 } });
  });

  it('that is no JSON has the status of HTTP as well', async () => {
    const headers = { 'content-type': 'application/json' };
    const answered = await fetch(`${stage.app.url}/a2a`, { method: 'POST', headers, body: '{' });
    expect(answered.status).toBe(400);
    expect(await answered.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32700 } });
  });

  it.each(['GetTask', 'CancelTask', 'SubscribeToTask'])(
    '%s finds nothing of another user',
    async (method) => {
      const mine = ask(`secret of ${method}`, { contextId: 'mine' });
      const turn = await stage.model.next(`secret of ${method}`);
      const { body: page } = await stage.client.get('/api/users/default/chats');
      const { chat_id = '' } = (page as { items: { chat_id: string }[] }).items[0] ?? {};
      const taskId = (await stage.client.history(chat_id)).at(-1)?.message_id;
      const stranger = { 'x-user': 'bob' };
      const { body } = await call(rpc(method, { id: taskId }), stranger);
      expect(body).toMatchObject({ error: { code: -32001 } });
      const decided = await call(send({ taskId }), stranger);
      expect(decided.body).toMatchObject({ error: { code: -32001 } });
      turn.text('Mine.').finish();
      expect((await mine).state).toBe(TaskState.TASK_STATE_COMPLETED);
    },
  );

  it('in a context of the same name begins one of its own', async () => {
    const first = ask('of the default user', { contextId: 'shared name' });
    await answer('of the default user', 'Hers.');
    const { contextId } = await first;
    const theirs = call(send({ messageId: 'b', contextId: 'shared name' }), { 'x-user': 'bob' });
    await answer('x', 'His.');
    const { body } = await theirs;
    expect(body).toMatchObject({ result: { task: { contextId: expect.not.stringContaining(contextId) } } });
    const inside = call(send({ messageId: 'c', contextId }), { 'x-user': 'bob' });
    await answer('x', 'His, too.');
    expect((await inside).body).toMatchObject({
      result: { task: { contextId: expect.not.stringContaining(contextId) } },
    });
  });
});
