import { EventSource } from 'eventsource';
import type { Stage } from '../../conformance/setup.js';
import { answerOf } from '../../support/client.js';
import { CuttingProxy, randomFrom } from '../../support/cutting-proxy.js';
import { RawStream } from '../../support/raw-stream.js';
import { until } from '../../support/until.js';
import { describeDoor } from '../door.contract.js';
import { runsOf, setAgents } from './stage.js';

const NOBODY = '0123456789abcdef01234567';

describe('GET /api/stream/{agent}', () => {
  let stage: Stage;
  let users = 0;
  let user: string;
  beforeAll(async () => {
    stage = await setAgents({ STREAM_RETRY_MS: '20' });
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    user = `user-${users++}`;
  });

  const path = (prompt: string, agent = 'alpha'): string =>
    `/api/stream/${agent}?prompt=${encodeURIComponent(prompt)}&user_id=${user}`;
  const open = (prompt: string, headers: Record<string, string> = {}): Promise<RawStream> =>
    RawStream.open(stage.app.url + path(prompt), headers);
  const seen = (id: string | undefined): Record<string, string> => ({ 'last-event-id': id ?? '' });
  const idOf = (stream: RawStream): string => String(stream.headers['x-message-id']);

  it('begins a run of that agent, and streams it', async () => {
    const stream = await open('go');
    const turn = await stage.model.next('go');
    expect(turn.messages[0]?.content).toContain('You are alpha.');
    turn.text('Gone.').finish();
    await stream.end();
    const events = await stage.client.replay(idOf(stream));
    expect(answerOf(events)).toBe('Gone.');
    // The first id is the message's: what a client has seen always names its run.
    expect(stream.ids).toEqual([idOf(stream), ...events.map(({ id }) => id)]);
    const followed = await RawStream.open(stage.app.url + String(stream.headers['x-stream-url']));
    expect((await followed.end()).ids).toEqual(events.map(({ id }) => id));
  });

  it('continues the same run after whatever its client has seen, and begins no other', async () => {
    const stream = await open('once');
    (await stage.model.next('once')).reasoning('Hm.\n\n').text('One.').finish();
    await stream.end();
    const ids = (await stage.client.replay(idOf(stream))).map(({ id }) => id);
    for (const [index, id] of ids.entries()) {
      const again = await (await open('once', seen(id))).end();
      expect(again.status).toBe(index === ids.length - 1 ? 204 : 200);
      expect(again.ids).toEqual(ids.slice(index + 1));
    }
    const whole = await (await open('once', seen(idOf(stream)))).end();
    expect(whole.ids).toEqual(ids);
    expect(await runsOf(stage, user)).toEqual([idOf(stream)]);
  });

  it('tells runs of the same prompt apart', async () => {
    const [one, other] = [await open('twin'), await open('twin')];
    for (const text of ['a', 'b']) (await stage.model.next('twin')).text(text).finish();
    for (const stream of [await one.end(), await other.end()]) {
      const again = await (await open('twin', seen(stream.ids[1]))).end();
      expect([idOf(again), again.ids]).toEqual([idOf(stream), stream.ids.slice(2)]);
    }
    expect(await runsOf(stage, user)).toHaveLength(2);
  });

  it('survives an EventSource whose connection is cut again and again', async () => {
    const random = randomFrom(11);
    const proxy = await CuttingProxy.start(stage.app.url, () => 1800 + Math.floor(random() * 1500));
    const source = new EventSource(proxy.url + path('cut'));
    let text = '';
    source.addEventListener('content', ({ data }) => {
      text += (JSON.parse(String(data)) as { md: string }).md;
    });
    const ended = new Promise<void>((resolve) => {
      source.addEventListener('end', () => {
        resolve();
      });
    });
    const turn = await stage.model.next('cut');
    const words = Array.from({ length: 150 }, (_, i) => `word${i} `);
    for (const word of words) turn.text(word).reasoning(`${word}\n\n`);
    turn.finish();
    await ended;
    source.close();
    await proxy.stop();
    expect(text).toBe(words.join(''));
    expect(proxy.cuts).toBeGreaterThan(3);
    expect(await runsOf(stage, user)).toHaveLength(1);
  });

  it('resumes one that was cut before its first event', async () => {
    const first = await open('early');
    await until('the id of the run arrives', () => first.ids[0]);
    first.hangUp();
    const turn = await stage.model.next('early');
    const second = await open('early', seen(first.ids[0]));
    turn.text('x').finish();
    await second.end();
    expect(idOf(second)).toBe(idOf(first));
    expect(await runsOf(stage, user)).toHaveLength(1);
  });

  it.each([
    ['an event of nobody', '1760270888823_0000_a26344ee'],
    ['no id', 'x'],
  ])('refuses to go on after %s, and begins nothing', async (_, id) => {
    expect((await open('lost', seen(id))).status).toBe(400);
    expect(await runsOf(stage, user)).toEqual([]);
  });

  it('refuses to go on with a message of nobody', async () => {
    expect((await open('lost', seen(NOBODY))).status).toBe(404);
    expect(await runsOf(stage, user)).toEqual([]);
  });

  it("refuses to go on with another prompt's, another agent's or another door's run", async () => {
    const stream = await open('mine');
    (await stage.model.next('mine')).text('x').finish();
    await stream.end();
    const [message, event] = stream.ids;
    for (const id of [message, event]) {
      expect((await open('yours', seen(id))).status).toBe(400);
      expect((await RawStream.open(stage.app.url + path('mine', 'beta'), seen(id))).status).toBe(400);
    }
    const chat = await stage.client.newChat(user);
    const sent = await stage.client.send(chat, 'mine', { agent: 'alpha' });
    (await stage.model.next('mine')).text('x').finish();
    await stage.client.ended(sent);
    expect((await open('mine', seen(sent.message_id))).status).toBe(400);
  });

  it.each([
    ['a browser that looks ahead', { 'sec-purpose': 'prefetch;prerender' }, 403, 'prefetch_refused'],
    ['an older one', { purpose: 'prefetch' }, 403, 'prefetch_refused'],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403, 'cross_site'],
    ['a page of another origin', { origin: 'https://evil.example' }, 403, 'cross_site'],
  ])('refuses %s, and begins nothing', async (_, headers, status, code) => {
    const answer = await stage.client.get(path('bait'), headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await runsOf(stage, user)).toEqual([]);
  });

  it.each([
    ['no prompt', '/api/stream/alpha', 400, 'validation_failed'],
    ['an empty one', '/api/stream/alpha?prompt=%20', 400, 'validation_failed'],
    ['two of them', '/api/stream/alpha?prompt=a&prompt=b', 400, 'validation_failed'],
    ['an agent that does not exist', '/api/stream/poet?prompt=a', 404, 'agent_not_found'],
    ['figures of one', '/api/stream/stats/poet', 404, 'agent_not_found'],
  ])('refuses %s', async (_, address, status, code) => {
    const answer = await stage.client.get(address);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('does nothing for a HEAD', async () => {
    expect((await stage.client.request('HEAD', path('head'))).status).toBe(405);
    expect(await runsOf(stage, user)).toEqual([]);
  });

  it('counts its runs, as they are stored', async () => {
    const before = (await stage.client.get('/api/stream/stats/beta')).body;
    const good = await RawStream.open(stage.app.url + path('good', 'beta'));
    (await stage.model.next('good')).text('x').finish();
    await good.end();
    const bad = await RawStream.open(stage.app.url + path('bad', 'beta'));
    (await stage.model.next('bad')).fail(400);
    await bad.end();
    const after = (await stage.client.get('/api/stream/stats/beta')).body;
    expect(after).toMatchObject({
      agent: 'beta',
      total: Number(before.total) + 2,
      completed: 1,
      failed: 1,
      active: 0,
    });
    const all = (await stage.client.get('/api/stream/stats')).body;
    expect(all.by_agent.beta).toMatchObject({ total: after.total });
    expect(all.total).toBeGreaterThan(after.total);
  });
});

/** Of an agent whose name is in every deployment. */
const asking = ({ app }: Stage, prompt: string, headers: Record<string, string> = {}): Promise<RawStream> =>
  RawStream.open(`${app.url}/api/stream/assistant?prompt=${encodeURIComponent(prompt)}`, headers);

describeDoor({
  name: 'GET /api/stream/{agent}',
  open: (stage, { content, message_id }, after) =>
    asking(stage, content, { 'last-event-id': after ?? message_id }),
  begin: async (stage, content) => {
    const first = await asking(stage, content);
    first.hangUp();
    const { headers } = first;
    const message_id = String(headers['x-message-id']);
    const { chat_id } = await stage.client.message(message_id);
    return { message_id, chat_id, content, stream_url: String(headers['x-stream-url']) };
  },
});
