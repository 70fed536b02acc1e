import { io, type Socket } from 'socket.io-client';
import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../conformance/setup.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Created } from '../support/client.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { RedisProcess } from '../support/redis-process.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { until, within } from '../support/until.js';
import { sharedToken } from '../auth/identity-provider.js';
import { SECRET } from '../auth/stage.js';

const NOBODYS = '00000000-0000-4000-8000-000000000000';

/** The official client, and what it was told. */
class Talker {
  readonly heard: { event: string; data: any }[] = [];

  constructor(readonly socket: Socket) {
    socket.onAny((event: string, data: any) => this.heard.push({ event, data }));
  }

  static async connect(url: string, options = {}): Promise<Talker> {
    const talker = new Talker(
      io(url, { transports: ['websocket'], upgrade: false, forceNew: true, ...options }),
    );
    await talker.one('connected');
    return talker;
  }

  get ids(): string[] {
    return this.heard.flatMap(({ data }) => (typeof data?.id === 'string' ? [data.id] : []));
  }

  get text(): string {
    return this.heard.map(({ event, data }) => (event === 'token' ? data.content : '')).join('');
  }

  all = (event: string): any[] => this.heard.filter((one) => one.event === event).map(({ data }) => data);

  /** The n-th event of a name. */
  one = (event: string, nth = 1): Promise<any> => until(`${event} comes`, () => this.all(event)[nth - 1]);

  ask = (event: string, payload: unknown): Promise<any> =>
    within(`${event} is acknowledged`, this.socket.emitWithAck(event, payload));

  join = (conversation_id: string, more = {}): Promise<any> =>
    this.ask('join_conversation', { conversation_id, ...more });

  /** Breaks the connection as a network does. */
  cut(): void {
    this.socket.io.engine.close();
  }
}

const talkers: Talker[] = [];
const connect = async (url: string, options = {}): Promise<Talker> => {
  const talker = await Talker.connect(url, options);
  talkers.push(talker);
  return talker;
};
afterEach(() => {
  for (const { socket } of talkers.splice(0)) socket.disconnect();
});

const logOf = async (client: Client, message_id: string): Promise<string[]> => {
  const events = await client.replay(message_id);
  const told = ['content', 'tool_start', 'tool_end', 'error', 'end'];
  return events.flatMap(({ type, id }) => (told.includes(type) ? [id] : []));
};

describe('conversations over Socket.IO', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const newChat = () => stage.client.newChat();

  it('tell everybody who has joined the answer, each event once and in order', async () => {
    const chat = await newChat();
    const [one, other] = [await connect(stage.app.url), await connect(stage.app.url)];
    await Promise.all([one.join(chat), other.join(chat)]);
    expect(await one.one('joined')).toEqual({ conversation_id: chat });
    const sent = await one.ask('send_message', { conversation_id: chat, message: 'rich', token: null });
    await playRichRun(stage.model, 'rich');
    const [complete] = await Promise.all([one.one('complete'), other.one('complete')]);
    expect(complete).toMatchObject({ type: 'complete', content: RICH_ANSWER, conversation_id: chat });
    expect((await stage.client.message(complete.message_id)).content).toBe(RICH_ANSWER);
    const ids = await logOf(stage.client, sent.message_id);
    expect([one.ids, other.ids]).toEqual([ids, ids]);
    expect(one.text).toBe(RICH_ANSWER);
    expect(one.all('tool_request').map(({ tool_id }) => tool_id)).toContain('write_file');
  });

  it('give who joins late the running answer from its start, and nothing of those that have ended', async () => {
    const chat = await newChat();
    const ended = await stage.client.send(chat, 'over');
    (await stage.model.next('over')).text('Over.').finish();
    await stage.client.ended(ended);
    const running: Created = await stage.client.send(chat, 'running');
    const answer = await stage.model.next('running');
    answer.text('From the ');
    const reader = await stage.client.stream(running);
    await reader.until('text comes', (event) => event.type === 'content');
    const late = await connect(stage.app.url);
    await late.join(chat);
    expect(await late.one('token')).toMatchObject({ content: 'From the ' });
    await late.join(chat); // a repeated request
    answer.text('start').finish();
    await late.one('complete');
    expect([late.text, late.ids]).toEqual(['From the start', await logOf(stage.client, running.message_id)]);
    const idle = await connect(stage.app.url);
    await idle.join(chat);
    const next = await stage.client.send(chat, 'next');
    (await stage.model.next('next')).text('Next.').finish();
    await idle.one('complete');
    expect(idle.ids).toEqual(await logOf(stage.client, next.message_id));
  });

  it('give who comes back what was missed, over several answers, by hand and by themselves', async () => {
    const chat = await newChat();
    const watcher = await connect(stage.app.url);
    await watcher.join(chat);
    const first = await stage.client.send(chat, 'first');
    const answer = await stage.model.next('first');
    answer.text('One ');
    await watcher.one('token');
    watcher.cut();
    answer.text('two').finish();
    await stage.client.ended(first);
    const second = await stage.client.send(chat, 'second');
    (await stage.model.next('second')).text('three').finish();
    await stage.client.ended(second);
    const all = [
      ...(await logOf(stage.client, first.message_id)),
      ...(await logOf(stage.client, second.message_id)),
    ];
    await watcher.one('complete', 2); // the client as it is, which never asks for anything
    expect(watcher.ids).toEqual(all);
    await watcher.join(chat, { since: all[0] }); // one that asks as well is told nothing twice
    const other = await connect(stage.app.url);
    await other.join(chat, { since: all[0] });
    await other.one('complete', 2);
    expect(other.ids).toEqual(all.slice(1));
    const third = await stage.client.send(chat, 'third');
    (await stage.model.next('third')).text('four').finish();
    await watcher.one('complete', 3);
    expect(watcher.ids).toEqual([...all, ...(await logOf(stage.client, third.message_id))]);
  });

  it('ask once, however often a client sends because it hears nothing', async () => {
    const chat = await newChat();
    const talker = await connect(stage.app.url);
    const request = { conversation_id: chat, message: 'Once?' };
    const sent = await Promise.all([
      talker.ask('send_message', request),
      talker.ask('send_message', request),
    ]);
    expect(sent[1]).toEqual(sent[0]);
    const answer = await stage.model.next('Once?');
    talker.cut();
    answer.text('Once.').finish();
    await talker.one('complete');
    const again = await talker.ask('send_message', request); // now it is another question
    expect(again.message_id).not.toBe(sent[0].message_id);
    (await stage.model.next('Once?')).text('Twice.').finish();
    await talker.one('complete', 2);
    expect(talker.text).toBe('Once.Twice.');
    const keyed = { ...request, message: 'Keyed?', idempotency_key: 'k1' };
    const both = [await talker.ask('send_message', keyed), await talker.ask('send_message', keyed)];
    expect(both[1]).toEqual(both[0]);
    (await stage.model.next('Keyed?')).text('x').finish();
    await talker.one('complete', 3);
  });

  it('end for who leaves', async () => {
    const chat = await newChat();
    const [one, other] = [await connect(stage.app.url), await connect(stage.app.url)];
    await Promise.all([one.join(chat), other.join(chat)]);
    expect(await one.ask('leave_conversation', { conversation_id: chat })).toEqual({ conversation_id: chat });
    await other.ask('send_message', { conversation_id: chat, message: 'bye' });
    (await stage.model.next('bye')).text('Bye.').finish();
    await other.one('complete');
    expect(one.ids).toEqual([]);
  });

  const good = { conversation_id: NOBODYS };
  it.each<[string, unknown, string]>([
    ['join_conversation', undefined, 'validation_failed'],
    ['join_conversation', null, 'validation_failed'],
    ['join_conversation', 'x', 'validation_failed'],
    ['join_conversation', [good], 'validation_failed'],
    ['join_conversation', { conversation_id: 7 }, 'validation_failed'],
    ['join_conversation', { conversation_id: { $ne: null } }, 'validation_failed'],
    ['join_conversation', { conversation_id: '../x' }, 'validation_failed'],
    ['join_conversation', { ...good, since: 7 }, 'validation_failed'],
    ['join_conversation', { ...good, token: {} }, 'validation_failed'],
    ['join_conversation', good, 'chat_not_found'],
    ['leave_conversation', {}, 'validation_failed'],
    ['send_message', good, 'validation_failed'],
    ['send_message', { ...good, message: ' ' }, 'validation_failed'],
    ['send_message', { ...good, message: 'a\0b' }, 'validation_failed'],
    ['send_message', { ...good, message: '\ud800' }, 'validation_failed'],
    ['send_message', { ...good, message: ['x'] }, 'validation_failed'],
    ['send_message', { ...good, message: 'x'.repeat(100_001) }, 'validation_failed'],
    ['send_message', { ...good, message: 'x', idempotency_key: 'a b' }, 'validation_failed'],
    ['send_message', { message: 'x' }, 'validation_failed'],
    ['send_message', { ...good, message: 'x' }, 'chat_not_found'],
    ['shout', good, 'bad_request'],
    ['__proto__', good, 'bad_request'],
  ])('refuse %s with %j, and go on', async (event, payload, code) => {
    const talker = await connect(stage.app.url);
    const refused = await talker.ask(event, payload);
    expect(refused).toMatchObject({ error: expect.stringMatching(/./), code, retryable: false, event });
    expect(await talker.one('error')).toEqual(refused);
    expect(await talker.join(await newChat())).toHaveProperty('conversation_id');
  });

  it('refuse an event of another conversation', async () => {
    const [chat, other] = [await newChat(), await newChat()];
    const asked = await stage.client.send(other, 'foreign');
    (await stage.model.next('foreign')).text('x').finish();
    const [event] = await stage.client.ended(asked);
    const talker = await connect(stage.app.url);
    for (const since of [event?.id, 'x', '1_0001_00000000'])
      expect(await talker.join(chat, { since })).toMatchObject({ code: 'unknown_event_id' });
  });

  it.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page of another site that its browser names', { 'sec-fetch-site': 'cross-site' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a name that was rebound', { host: 'evil.example' }],
  ])('are closed to %s, by either transport', async (_, extraHeaders) => {
    // The client's polling sends the name of the server as it is.
    for (const transport of 'host' in extraHeaders ? ['websocket'] : ['websocket', 'polling']) {
      const socket = io(stage.app.url, {
        transports: [transport],
        forceNew: true,
        extraHeaders,
        reconnection: false,
      });
      const error = await within(
        'the connection is refused',
        new Promise((resolve) => socket.once('connect_error', resolve)),
      );
      expect(error).toBeInstanceOf(Error);
      socket.close();
    }
  });

  it('work over polling, too', async () => {
    const chat = await newChat();
    const talker = await connect(stage.app.url, { transports: ['polling'] });
    await talker.ask('send_message', { conversation_id: chat, message: 'poll' });
    (await stage.model.next('poll')).text('Polled.').finish();
    expect(await talker.one('complete')).toMatchObject({ content: 'Polled.' });
  });

  it('survive cuts anywhere', async () => {
    let budget = 900;
    const proxy = await CuttingProxy.start(stage.app.url, () => (budget += 400));
    const chat = await newChat();
    const talker = await connect(proxy.url, { reconnectionDelay: 10, reconnectionDelayMax: 20 });
    await talker.join(chat);
    const asked = await stage.client.send(chat, 'cuts');
    const answer = await stage.model.next('cuts');
    for (let i = 0; i < 12; i++) {
      answer.text(`${i} `);
      await until('a piece comes', () => talker.text.includes(`${i} `) || undefined);
    }
    answer.finish();
    await talker.one('complete');
    expect(talker.ids).toEqual(await logOf(stage.client, asked.message_id));
    expect(proxy.cuts).toBeGreaterThan(0);
    talker.socket.disconnect();
    await proxy.stop();
  });
});

describe('a restart of the server', () => {
  it('is only a pause for a client of Socket.IO', async () => {
    const model = await ScriptedModel.start();
    const first = await startTestApp(model.env);
    const { port } = new URL(first.url);
    const chat = await new Client(first.url).newChat();
    const talker = await connect(first.url, { reconnectionDelay: 20, reconnectionDelayMax: 50 });
    const sent = await talker.ask('send_message', { conversation_id: chat, message: 'restart' });
    (await model.next('restart')).text('Before ');
    await talker.one('token');
    await first.stop();
    const second: TestApp = await startTestApp({ ...first.env, PORT: port });
    (await model.next()).text('after').finish();
    await talker.one('complete');
    expect(talker.text).toBe('Before after');
    expect(talker.ids).toEqual(await logOf(new Client(second.url), sent.message_id));
    talker.socket.disconnect();
    await second.destroy();
    await model.stop();
  });
});

describe('two processes', () => {
  it('tell of the same conversation, and each goes on where the other was', async () => {
    const redis = await RedisProcess.start();
    const model = await ScriptedModel.start();
    const one = await startTestApp({ ...model.env, REDIS_URL: redis.url });
    const other = await startTestApp({ ...one.env });
    const chat = await new Client(one.url).newChat();
    const [here, there] = [await connect(one.url), await connect(other.url)];
    await Promise.all([here.join(chat), there.join(chat)]);
    const sent = await here.ask('send_message', { conversation_id: chat, message: 'both' });
    const answer = await model.next('both');
    answer.text('Half ');
    await Promise.all([here.one('token'), there.one('token')]);
    here.socket.disconnect();
    const moved = await connect(other.url);
    await moved.join(chat, { since: here.ids.at(-1) });
    answer.text('whole').finish();
    await Promise.all([moved.one('complete'), there.one('complete')]);
    const ids = await logOf(new Client(one.url), sent.message_id);
    expect([...here.ids, ...moved.ids]).toEqual(ids);
    expect(there.ids).toEqual(ids);
    for (const { socket } of [here, there, moved]) socket.disconnect();
    await other.stop();
    await one.destroy();
    await model.stop();
    await redis.kill9();
  });
});

describe('with logins', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({
      AUTH_MODE: 'jwt',
      AUTH_JWT_SECRET: SECRET,
      AUTH_AUDIENCE: 'reprise',
      AUTH_ISSUER: 'https://login.example',
    });
  });
  afterAll(() => stage.close());

  it('a token in the message or the handshake says who asks, and nobody else gets in', async () => {
    const [alice, bob] = [await sharedToken(SECRET, 'alice'), await sharedToken(SECRET, 'bob')];
    const client = new Client(stage.app.url, { authorization: `Bearer ${alice}` });
    const chat = await client.newChat('alice');
    const talker = await connect(stage.app.url);
    const request = { conversation_id: chat, message: 'mine' };
    expect(await talker.ask('send_message', request)).toMatchObject({ code: 'token_missing' });
    expect(await talker.ask('send_message', { ...request, token: 'x' })).toMatchObject({
      code: 'token_invalid',
    });
    expect(await talker.ask('send_message', { ...request, token: bob })).toMatchObject({
      code: 'chat_not_found',
    });
    expect(await talker.join(chat)).toMatchObject({ code: 'token_missing' });
    const stranger = await connect(stage.app.url, { auth: { token: bob } });
    expect(await stranger.join(chat)).toMatchObject({ code: 'chat_not_found' });
    await talker.ask('send_message', { ...request, token: alice });
    (await stage.model.next('mine')).text('Yours.').finish();
    expect(await talker.one('complete')).toMatchObject({ content: 'Yours.' });
    const back = await connect(stage.app.url, { auth: { token: alice } });
    expect(await back.join(chat, { since: talker.ids[0] })).toEqual({ conversation_id: chat });
    await back.one('complete');
    // What one client was told about a place gives another one nothing.
    const forged = await connect(stage.app.url, {
      auth: { token: bob, pid: 'x', offset: `${chat}/0/${'0'.repeat(24)}/x` },
    });
    expect(await forged.one('error')).toMatchObject({ code: expect.stringMatching(/./) });
    expect(stranger.ids).toEqual([]);
    expect(forged.ids).toEqual([]);
  });

  it('a conversation ends with the permission of who follows it', async () => {
    const token = await sharedToken(SECRET, 'carol', { expiresIn: 3 });
    const chat = await new Client(stage.app.url, { authorization: `Bearer ${token}` }).newChat('carol');
    const talker = await connect(stage.app.url, { auth: { token } });
    await talker.join(chat);
    expect(await talker.one('error')).toMatchObject({ code: 'token_expired' });
    expect(await talker.join(chat)).toMatchObject({ code: 'token_expired' });
  });
});
