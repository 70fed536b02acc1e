import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { CuttingProxy, randomFrom } from '../support/cutting-proxy.js';

declare function streamChat(message: string, sessionId?: string): Promise<void>;
declare function followChat(message: string): Promise<void>;
declare const currentSessionId: string | undefined;

describe('the client of the session chat agent guide, in a browser', () => {
  let stage: Stage;
  let browser: Browser;
  let html: string;
  let now: Visit;
  let lines: string[];

  beforeAll(async () => {
    stage = await setStage({ STREAM_RETRY_MS: '20' });
    browser = await openBrowser();
    html = await readFile(new URL('session-guide.html', import.meta.url), 'utf8');
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });
  afterEach(() => now.context.close());

  /** The page at an address of the server's site, as its own front end would be. */
  async function open(url: string): Promise<void> {
    now = await visit(browser, url);
    lines = [];
    now.page.on('console', (message) => lines.push(message.text()));
    await now.page.route('**/guide', (route) =>
      route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }),
    );
    await now.page.goto('/guide');
  }

  const send = (message: string): Promise<void> =>
    now.page.evaluate((text) => streamChat(text, currentSessionId), message);
  const answer = async (question: string, text: string): Promise<void> => {
    (await stage.model.next(question)).text(text).finish();
  };

  it('shows tools and the answer, and keeps the session for what is asked next', async () => {
    await open(stage.app.url);
    const sent = send('everything');
    await playRichRun(stage.model, 'everything');
    await sent;
    expect(await now.page.textContent('#response')).toBe(RICH_ANSWER);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^✓ write_file \(\d+ms\)$/),
        expect.stringMatching(/^✗ read_file \(\d+ms\)$/),
        expect.stringMatching(/^Completed in \d+ms$/),
      ]),
    );
    expect(await now.page.isEnabled('#submit')).toBe(true);
    const again = send('more');
    await answer('more', ' More.');
    await again;
    const session = await now.page.evaluate(() => currentSessionId);
    expect(await stage.client.history(session ?? '')).toHaveLength(4);
    expect(now.faults).toEqual([]);
  });

  it('shows what is wrong with a message, and offers no second try', async () => {
    await open(stage.app.url);
    await send(' ');
    expect(await now.page.textContent('#error')).toContain('message must not be blank');
    expect(await now.page.isHidden('#retry')).toBe(true);
  });

  it('offers a second try when the model is overloaded', async () => {
    const busy = await setStage({ MODEL_RETRIES: '0' });
    await open(busy.app.url);
    const sent = send('overloaded');
    (await busy.model.next('overloaded')).fail(429);
    await sent;
    expect(await now.page.textContent('#error')).not.toBe('');
    expect(await now.page.isVisible('#retry')).toBe(true);
    await busy.close();
  });

  it('resumes over a connection that is cut again and again, with no word lost or doubled', async () => {
    const random = randomFrom(7);
    // Enough for the head of any response.
    const budget = (): number => 2500 + Math.floor(random() * 2000);
    const proxy = await CuttingProxy.start(stage.app.url, budget);
    await open(proxy.url);
    await now.page.evaluate((text) => followChat(text), 'cut');
    const words = Array.from({ length: 120 }, (_, i) => `word${i} `);
    const turn = await stage.model.next('cut');
    for (const word of words) turn.text(word).reasoning(`${word}\n\n`);
    turn.finish();
    await now.page.waitForFunction(() => !document.querySelector<HTMLButtonElement>('#submit')?.disabled);
    expect(await now.page.textContent('#response')).toBe(words.join(''));
    expect(proxy.cuts).toBeGreaterThan(2);
    await proxy.stop();
  });
});
