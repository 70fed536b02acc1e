import { fileURLToPath } from 'node:url';
import type { Browser, Page, Request } from 'playwright-core';
import { setStage, type Stage as Application } from '../conformance/setup.js';
import { openBrowser } from '../support/browser.js';
import { bundle } from '../support/bundle.js';
import { answerOf } from '../support/client.js';
import { servePage, type ServedPage } from '../support/serve-page.js';
import { until } from '../support/until.js';
import type { Item, Stage } from './react-page.js';

/** The hooks of `libs/react` in a browser, under `StrictMode`, on the real application at another origin. */
describe('the hooks', () => {
  let served: ServedPage;
  let application: Application;
  let browser: Browser;
  let page: Page;
  let chatId: string;
  let faults: string[];
  let requests: Request[];

  beforeAll(async () => {
    const { code } = await bundle(fileURLToPath(new URL('react-page.ts', import.meta.url)));
    served = await servePage(
      `<!doctype html><script type="module">${code.replaceAll('</', '<\\/')}</script>`,
    );
    application = await setStage({ CORS_ORIGINS: served.url });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await application.close();
    await served.stop();
  });
  beforeEach(async () => {
    chatId = await application.client.newChat();
    page = await browser.newPage();
    faults = [];
    requests = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('request', (request) => requests.push(request));
    await page.goto(`${served.url}?server=${encodeURIComponent(application.app.url)}`);
  });
  afterEach(() => page.close());

  const show = (...items: Item[]): Promise<void> =>
    page.evaluate((all) => {
      (globalThis as unknown as Stage).show(all);
    }, items);
  let questions = 0;
  const newQuestion = (key = 'a'): Item & { kind: 'question' } => ({
    key,
    kind: 'question',
    chatId,
    question: `Question ${questions++}`,
  });
  const runOf = (key: string, messageId: string): Item => ({ key, kind: 'run', messageId });

  /** Waits until a component shows exactly this. */
  const shows = (key: string, field: string, text: string): Promise<void> =>
    page
      .locator(`#${key} [data-field=${field}]`)
      .filter({ hasText: exactly(text) })
      .waitFor({ state: 'attached' });
  const shown = async (key: string, field: string): Promise<string> =>
    (await page.locator(`#${key} [data-field=${field}]`).textContent()) ?? '';
  const messageIdOf = (key: string): Promise<string> =>
    until('the message is sent', () => shown(key, 'messageId'));
  const click = (key: string, name: string): Promise<void> => page.click(`#${key} [name=${name}]`);
  const posts = (): Request[] => requests.filter((request) => isTo(request, 'POST', '/messages'));
  const streams = (): Request[] => requests.filter((request) => isTo(request, 'GET', '/stream'));

  it('send one message, open one connection, and show the whole answer', async () => {
    const item = newQuestion();
    await show(item);
    const answer = await application.model.next(item.question);
    answer.reasoning('I think.').text('Part one, ');
    await shows('a', 'content', 'Part one, ');
    expect(await shown('a', 'status')).toBe('Processing...');
    expect(await shown('a', 'streaming')).toBe('true');
    expect(await shown('a', 'connection')).toBe('open');
    answer.text('part two.').finish();
    await shows('a', 'status', 'Completed');
    await shows('a', 'connection', 'closed');
    expect(await shown('a', 'content')).toBe('Part one, part two.');
    expect(await shown('a', 'rationale')).toBe('I think.');
    expect(await shown('a', 'streaming')).toBe('false');
    expect([posts().length, streams().length]).toEqual([1, 1]);
    expect(posts()[0]?.postDataJSON()).toEqual({ content: item.question, metadata: { from: 'the page' } });
    expect(faults).toEqual([]);
  });

  it('continue with the same run when the component mounts again in the middle of it', async () => {
    const item = newQuestion();
    await show(item);
    const answer = await application.model.next(item.question);
    answer.text('Half');
    await shows('a', 'content', 'Half');
    const messageId = await messageIdOf('a');
    await show({ ...item, key: 'b' });
    await shows('b', 'content', 'Half');
    answer.text(' and half.').finish();
    await shows('b', 'content', 'Half and half.');
    expect(await shown('b', 'messageId')).toBe(messageId);
    expect([posts().length, streams().length]).toEqual([1, 1]);
    expect(faults).toEqual([]);
  });

  it('ask again when a component with the same question mounts after the end', async () => {
    const item = newQuestion();
    await show(item);
    (await application.model.next(item.question)).text('First.').finish();
    await shows('a', 'status', 'Completed');
    await show({ ...item, key: 'b' });
    (await application.model.next(item.question)).text('Second.').finish();
    await shows('b', 'content', 'Second.');
    expect(posts()).toHaveLength(2);
  });

  it('ask twice if two components have the same question', async () => {
    const item = newQuestion();
    await show(item, { ...item, key: 'b' });
    await until('both have a message', async () => (await messageIdOf('a')) && (await messageIdOf('b')));
    expect(await messageIdOf('a')).not.toBe(await messageIdOf('b'));
    for (const _ of ['a', 'b']) (await application.model.next(item.question)).text('Yes.').finish();
    await shows('a', 'status', 'Completed');
    await shows('b', 'status', 'Completed');
  });

  it('disconnect when no component is mounted, and resume when one is', async () => {
    const item = newQuestion();
    await show(item);
    const answer = await application.model.next(item.question);
    answer.text('Before. ');
    await shows('a', 'content', 'Before. ');
    const messageId = await messageIdOf('a');
    const [stream] = streams();
    await show();
    await until('the connection is closed', () => stream?.failure());

    answer.text('Meanwhile. ');
    await until('it is in the log', async () =>
      answerOf(await application.client.replay(messageId)).includes('Meanwhile'),
    );
    await show(runOf('b', messageId));
    await shows('b', 'content', 'Before. Meanwhile. ');
    answer.text('After.').finish();
    await shows('b', 'status', 'completed');
    expect(await shown('b', 'content')).toBe('Before. Meanwhile. After.');
    expect([posts().length, streams().length]).toEqual([1, 2]);
    expect(await streams()[1]?.headerValue('last-event-id')).toMatch(/^\d+_\d{4}_/);
    expect(faults).toEqual([]);
  });

  it('share one connection and one state', async () => {
    const item = newQuestion();
    await show(item);
    const answer = await application.model.next(item.question);
    const messageId = await messageIdOf('a');
    await show(item, runOf('b', messageId), runOf('c', messageId));
    answer.text('For all.');
    for (const key of ['a', 'b', 'c']) await shows(key, 'content', 'For all.');
    await show(runOf('c', messageId));
    answer.finish();
    await shows('c', 'status', 'completed');
    expect(streams()).toHaveLength(1);
  });

  it('show an error, and then the run of the next attempt', async () => {
    const item = newQuestion();
    await show(item);
    (await application.model.next(item.question)).fail(400);
    await shows('a', 'status', 'Failed');
    const failed = await messageIdOf('a');
    expect(await shown('a', 'error')).not.toBe('');
    expect(await shown('a', 'streaming')).toBe('false');

    await click('a', 'retry');
    const answer = await application.model.next(item.question);
    answer.text('Now it works.');
    await shows('a', 'content', 'Now it works.');
    expect(await shown('a', 'error')).toBe('');
    expect(await shown('a', 'messageId')).not.toBe(failed);
    await show({ ...item, key: 'b' }); // returns to the newest run, not to the first
    await shows('b', 'content', 'Now it works.');
    answer.finish();
    await shows('b', 'status', 'Completed');
  });

  it('cancel', async () => {
    const item = newQuestion();
    await show(item);
    const answer = await application.model.next(item.question);
    answer.text('So far. ');
    await shows('a', 'content', 'So far. ');
    await click('a', 'cancel');
    await shows('a', 'status', 'Cancelled');
    await answer.hungUp;
    expect([await shown('a', 'content'), await shown('a', 'error')]).toEqual(['So far. ', '']);
  });

  it('send another message and show its run', async () => {
    const item = newQuestion();
    await show(item);
    (await application.model.next(item.question)).text('First.').finish();
    await shows('a', 'status', 'Completed');
    await click('a', 'more');
    (await application.model.next('And more?')).text('More.').finish();
    await shows('a', 'content', 'More.');
    expect(posts()).toHaveLength(2);
  });

  it('show why a message could not be sent', async () => {
    await show({ ...newQuestion(), chatId: '550e8400-e29b-41d4-a716-446655440000' });
    await shows('a', 'error', 'There is no chat with id "550e8400-e29b-41d4-a716-446655440000".');
    expect(await shown('a', 'streaming')).toBe('false');
    expect(posts()).toHaveLength(1);
  });

  it('show why a run could not be followed', async () => {
    await show(runOf('a', '0'.repeat(24)));
    await shows('a', 'error', 'message_not_found');
    expect(await shown('a', 'streaming')).toBe('false');
  });

  it('send nothing if there is nothing to send', async () => {
    await show({ ...newQuestion(), question: ' ' });
    await shows('a', 'streaming', 'false');
    expect(requests.filter((request) => request.url().includes('/api/'))).toEqual([]);
  });

  it('render a long log at once, not once per event', async () => {
    const item = newQuestion();
    await show(item);
    const answer = await application.model.next(item.question);
    for (let thought = 0; thought < 300; thought++) answer.reasoning(`Thought ${thought}.\n\n`);
    answer.text('Done.').finish();
    await shows('a', 'status', 'Completed');
    const messageId = await messageIdOf('a');
    expect((await application.client.replay(messageId)).length).toBeGreaterThan(300);

    await page.reload(); // a page that knows nothing
    await show(runOf('b', messageId));
    await shows('b', 'status', 'completed');
    const renders = await page.evaluate(() => (globalThis as unknown as Stage).renders['b']);
    expect(renders).toBeLessThan(20);
  });
});

const exactly = (text: string): RegExp => new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);

function isTo(request: Request, method: string, path: string): boolean {
  return request.method() === method && new URL(request.url()).pathname.endsWith(path);
}
