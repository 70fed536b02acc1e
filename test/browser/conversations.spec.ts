import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { until } from '../support/until.js';

declare const saved: { id: string; text: string }[];

describe('the browser client of the assistant orchestrator', () => {
  let stage: Stage;
  let browser: Browser;
  let html: string;
  let library: string;
  let now: Visit;

  beforeAll(async () => {
    stage = await setStage();
    // The page does not come from the server: to Chromium it is one of another network, whose sockets are refused here.
    browser = await openBrowser([
      '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets',
    ]);
    html = await readFile(new URL('conversations-guide.html', import.meta.url), 'utf8');
    const client = createRequire(import.meta.url).resolve('socket.io-client');
    library = await readFile(client.replace(/build.*$/, 'dist/socket.io.min.js'), 'utf8');
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });
  afterEach(() => now.context.close());

  /** The page at an address of the server's site, as its own front end would be, in a new conversation. */
  async function open(url: string, title: string): Promise<void> {
    now = await visit(browser, url);
    const { page } = now;
    const serve = (path: string, contentType: string, body: string): Promise<unknown> =>
      page.route(path, (route) => route.fulfill({ contentType, body }));
    await serve('**/guide', 'text/html; charset=utf-8', html);
    await serve('**/socket.io-client.js', 'text/javascript; charset=utf-8', library);
    page.on('dialog', (dialog) => void dialog.accept(title));
    await page.goto('/guide');
    await page.waitForSelector('#connection-status.connected');
    const joined = page.waitForResponse(
      (response) => response.url().endsWith('/api/conversations') && response.request().method() === 'POST',
    );
    await page.click('#new-conversation');
    expect((await joined).status()).toBe(201);
  }

  async function send(message: string): Promise<void> {
    await now.page.fill('#message-input', message);
    await now.page.click('#send-button');
  }
  const complete = (): Promise<unknown> => now.page.waitForSelector('.message.assistant.complete');
  const shown = (): Promise<string | null> => now.page.textContent('.message.assistant .content');

  it('creates a conversation, sends a message, and shows the answer as it comes', async () => {
    await open(stage.app.url, 'From the guide');
    await send('hello there');
    const turn = await stage.model.next('hello there');
    turn.text('First ');
    await until('the first words are shown', async () => (await shown()) === 'First ' || undefined);
    turn.text('and second.').finish();
    await complete();
    expect(await shown()).toBe('First and second.');
    const [answer] = await now.page.evaluate(() => saved);
    expect(answer?.text).toBe('First and second.');
    const { body } = await stage.client.get(`/api/messages/${answer?.id ?? ''}`);
    expect(body).toMatchObject({ role: 'assistant', content: 'First and second.' });
    await now.page.reload();
    await until('the conversation is listed', async () =>
      (await now.page.textContent('#conversations'))?.includes('From the guide'),
    );
    expect(now.faults).toEqual([]);
  });

  it('shows tools with their arguments and results', async () => {
    await open(stage.app.url, 'Tools');
    await send('read it');
    const turn = await stage.model.next('read it');
    turn.toolCall('write_file', { path: 'a.md', content: 'x' }, 'w1').finish();
    (await stage.model.next('read it')).text('Written.').finish();
    await now.page.waitForSelector('.tool-card.completed');
    expect(await now.page.textContent('.tool-card .tool-name')).toBe('write_file');
    expect(await now.page.textContent('.tool-card pre')).toContain('a.md');
    expect(await now.page.textContent('.tool-card .result')).not.toBe('');
    await until('the answer is complete', () => now.page.evaluate(() => saved.length > 0));
    expect(await now.page.evaluate(() => saved[0]?.text)).toBe('Written.');
  });

  it('gets every word once over a connection that is cut, although it never joins again', async () => {
    const proxy = await CuttingProxy.start(stage.app.url, () => 6000);
    await open(proxy.url, 'Cut');
    await send('cut');
    const turn = await stage.model.next('cut');
    const words = Array.from({ length: 60 }, (_, i) => `word${i} `);
    for (const word of words) turn.text(word).reasoning(`${word}\n\n`);
    turn.finish();
    await complete();
    expect(await shown()).toBe(words.join(''));
    expect(proxy.cuts).toBeGreaterThan(0);
    await proxy.stop();
  });

  it('shows what is wrong', async () => {
    await open(stage.app.url, 'Failing');
    await send('fails');
    (await stage.model.next('fails')).fail(400);
    await now.page.waitForSelector('.error-message');
    expect(await now.page.textContent('.error-message')).toMatch(/^Error: ./);
  });
});
