import { lastAssistantMessageIsCompleteWithApprovalResponses, type UIMessage } from 'ai';
import { setStage, type Stage } from '../conformance/setup.js';
import { Deeds, teachTools } from '../support/approvals.js';
import { until } from '../support/until.js';
import { Page, plain, toolsOf } from './ai-sdk-page.js';

const API = '/api/ai-sdk/chat';

describe('a call that needs approval, on a page of the AI SDK:', () => {
  let stage: Stage;
  const deeds = new Deeds();
  let chats = 0;
  beforeAll(async () => {
    stage = await setStage();
    teachTools(stage.app, deeds);
  });
  afterAll(() => stage.close());

  const newKey = (): string => `chat ${++chats}`;
  const open = (key: string, init: Parameters<typeof Page.at>[2] = {}): Page =>
    Page.at(stage.app.url, key, init);
  const history = async (key: string): Promise<UIMessage[]> =>
    (await stage.client.get(`${API}/${encodeURIComponent(key)}/messages`)).body;
  const stop = (key: string) => stage.client.post(`${API}/${encodeURIComponent(key)}/stop`);
  const idOf = (page: Page): string => page.lastMessage?.id ?? '';
  const answer = async (question: string, text: string): Promise<void> => {
    (await stage.model.next(question)).text(text).finish();
  };

  /** A page whose run waits for the approval of these payments. */
  async function waiting(
    question: string,
    init: Parameters<typeof open>[1] = {},
  ): Promise<{ key: string; page: Page }> {
    const key = newKey();
    const page = open(key, init);
    const sent = page.sendMessage({ text: question });
    const turn = await stage.model.next(question);
    turn.text('I pay.').toolCall('pay', { euro: 5 }, `${question} p1`).finish();
    if (init.query === undefined) {
      await sent;
      await page.is('ready');
    }
    await until('the page is asked', () => page.tools.some(([, state]) => state === 'approval-requested'));
    return { key, page };
  }
  const auto = { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses };
  const decide = (page: Page, id: string, approved: boolean, reason?: string): PromiseLike<void> | void =>
    page.addToolApprovalResponse({ id, approved, ...(reason !== undefined && { reason }) });
  const posts = (page: Page): number => page.requests.filter((one) => one.startsWith('POST')).length;

  beforeEach(() => {
    deeds.reset();
  });

  it('the stream closes, and the answer comes with one more POST', async () => {
    const { key, page } = await waiting('yes', auto);
    expect(page.tools).toEqual([['pay', 'approval-requested']]);
    const id = idOf(page);
    void decide(page, 'yes p1', true);
    await answer('yes', 'Paid.');
    await page.shows('I pay.\n\nPaid.');
    await page.is('ready');
    expect(page.tools).toEqual([['pay', 'output-available']]);
    expect([posts(page), page.messages.length, idOf(page)]).toEqual([2, 2, id]);
    expect(deeds.paid).toEqual(['{"euro":5}']);
    expect(await history(key)).toEqual(plain(page.messages));
  });

  it('a rejection is told to the model, with its reason', async () => {
    const { key, page } = await waiting('no', auto);
    void decide(page, 'no p1', false, 'Too dear.');
    const turn = await stage.model.next('no');
    expect(JSON.stringify(turn.messages)).toContain('Too dear.');
    turn.text('Then not.').finish();
    await page.shows('I pay.\n\nThen not.');
    await page.is('ready');
    expect([page.tools, posts(page)]).toEqual([[['pay', 'output-denied']], 2]);
    expect(deeds.paid).toEqual([]);
    expect(await history(key)).toEqual(plain(page.messages));
  });

  it('a page that was loaded anew can decide, whether it rejoins or not', async () => {
    for (const rejoins of [true, false]) {
      const question = `anew ${rejoins}`;
      const { key, page: old } = await waiting(question);
      const page = open(key, { messages: await history(key), ...auto });
      expect(page.messages).toEqual(plain(old.messages));
      if (rejoins) await page.resumeStream();
      expect([page.tools, page.messages.length]).toEqual([[['pay', 'approval-requested']], 2]);
      void decide(page, `${question} p1`, true);
      await answer(question, 'Paid.');
      await page.shows('I pay.\n\nPaid.');
      await page.is('ready');
      expect(posts(page)).toBe(1);
      // The other page, which knows nothing of it, decides as well: the first decision stands.
      await decide(old, `${question} p1`, false);
      await old.sendMessage();
      expect([old.text, old.tools]).toEqual(['I pay.\n\nPaid.', [['pay', 'output-available']]]);
    }
    expect(deeds.paid).toHaveLength(2);
  });

  it('every leg is replayed to a page that rejoins in the second one', async () => {
    const { key, page } = await waiting('legs', auto);
    void decide(page, 'legs p1', true);
    const turn = await stage.model.next('legs');
    turn.text('Half');
    await page.shows('I pay.\n\nHalf');
    const other = open(key, { messages: await history(key) });
    const resumed = other.resumeStream();
    await until('it has rejoined', () => other.heads[0]?.get('x-message-id') === idOf(page));
    await other.shows('I pay.\n\nHalf');
    turn.text(' and half.').finish();
    await Promise.all([resumed, page.is('ready')]);
    expect(plain(other.messages)).toEqual(plain(page.messages));
    expect(other.tools).toEqual([['pay', 'output-available']]);
  });

  it('with ?approvals=open the stream stays open, and says what was decided elsewhere', async () => {
    const { page } = await waiting('open', { query: '?approvals=open' });
    expect(page.status).toBe('streaming');
    const url = `/api/messages/${idOf(page)}/approvals/${encodeURIComponent('open p1')}`;
    expect((await stage.client.post(url, { decision: 'approve' })).status).toBe(200);
    await answer('open', 'Paid.');
    await page.shows('I pay.\n\nPaid.');
    await page.is('ready');
    expect([page.tools, posts(page)]).toEqual([[['pay', 'output-available']], 1]);
  });

  it('several calls are asked for together, and decided one after the other', async () => {
    const key = newKey();
    const page = open(key, auto);
    const sent = page.sendMessage({ text: 'both' });
    const turn = await stage.model.next('both');
    turn
      .toolCall('pay', { euro: 1 }, 'b1')
      .toolCall('pay', { euro: 2 }, 'b2')
      .toolCall('read_file', { path: 'none' }, 'b3')
      .finish();
    await sent;
    expect(page.tools).toEqual([
      ['pay', 'approval-requested'],
      ['pay', 'approval-requested'],
      ['read_file', 'output-error'],
    ]);
    await decide(page, 'b1', true);
    expect(posts(page)).toBe(1);
    void decide(page, 'b2', false);
    await answer('both', 'Half paid.');
    await page.shows('Half paid.');
    await page.is('ready');
    expect(page.tools.map(([, state]) => state)).toEqual([
      'output-available',
      'output-denied',
      'output-error',
    ]);
    expect(posts(page)).toBe(2);
  });

  it('a page that decides only one gets its result, and is still asked for the other', async () => {
    const page = open(newKey());
    const sent = page.sendMessage({ text: 'one' });
    (await stage.model.next('one'))
      .toolCall('pay', { euro: 1 }, 'o1')
      .toolCall('pay', { euro: 2 }, 'o2')
      .finish();
    await sent;
    await decide(page, 'o1', true);
    await page.sendMessage();
    expect([page.status, page.tools.map(([, state]) => state)]).toEqual([
      'ready',
      ['output-available', 'approval-requested'],
    ]);
    await decide(page, 'o2', true);
    const second = page.sendMessage();
    await answer('one', 'Both.');
    await second;
    expect(page.tools.map(([, state]) => state)).toEqual(['output-available', 'output-available']);
    expect(page.text).toBe('Both.');
  });

  it('stopping ends it, and a late decision gets what happened', async () => {
    const { key, page } = await waiting('stopped');
    expect((await stop(key)).body.stopped).toEqual([idOf(page)]);
    await until('it has ended', async () => (await stage.client.message(idOf(page))).status === 'cancelled');
    await decide(page, 'stopped p1', true);
    await page.sendMessage();
    expect([page.status, page.tools]).toEqual(['ready', [['pay', 'output-denied']]]);
    expect(page.lastMessage?.metadata).toMatchObject({ status: 'cancelled' });
  });

  it('a decision about nothing is an error, and no loop', async () => {
    const { page } = await waiting('wrong', auto);
    const [call] = toolsOf(page.lastMessage);
    Object.assign(call!, { state: 'approval-responded', approval: { id: 'nothing', approved: true } });
    await page.sendMessage();
    expect([page.status, posts(page)]).toEqual(['error', 2]);
    expect(page.error?.message).toContain('approval_not_found');
  });
});
