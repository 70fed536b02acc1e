import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { Deeds, teachTools } from '../support/approvals.js';
import { openBrowser } from '../support/browser.js';
import { bundle } from '../support/bundle.js';
import { servePage, type ServedPage } from '../support/serve-page.js';

/** `useStream` in a browser, at another origin than the application. */
describe('useStream', () => {
  let served: ServedPage;
  let stage: Stage;
  let browser: Browser;
  let page: Page;
  const deeds = new Deeds();

  beforeAll(async () => {
    const { code } = await bundle(fileURLToPath(new URL('langgraph-page.ts', import.meta.url)));
    served = await servePage(
      `<!doctype html><script type="module">${code.replaceAll('</', '<\\/')}</script>`,
    );
    stage = await setStage({ CORS_ORIGINS: served.url });
    teachTools(stage.app, deeds);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
    await served.stop();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    await page.goto(`${served.url}?server=${encodeURIComponent(stage.app.url)}`);
  });
  afterEach(() => page.close());

  const shows = (id: string, text: string | RegExp): Promise<void> =>
    page.locator(`#${id}`).filter({ hasText: text }).waitFor({ state: 'attached' });
  const lines = async (): Promise<string[]> => {
    const text = await page.locator('#messages').textContent();
    return (text ?? '').split('\n');
  };

  it('shows an answer while it comes, and the same when it is there', async () => {
    await page.click('#hello');
    const answer = await stage.model.next('hello');
    answer.text('Part one, ');
    await shows('messages', 'ai: Part one, ');
    answer.text('part two.').finish();
    await shows('state', 'idle');
    expect(await lines()).toEqual(['human: hello', 'ai: Part one, part two.']);
  });

  it('goes on with the run when the page is loaded again, and shows everything once', async () => {
    await page.click('#hello');
    const answer = await stage.model.next('hello');
    answer.text('Before. ');
    await shows('messages', 'ai: Before. ');
    await page.reload();
    await shows('messages', 'ai: Before. ');
    answer.text('After.').finish();
    await shows('messages', 'ai: Before. After.');
    await shows('state', 'idle');
    expect(await lines()).toEqual(['human: hello', 'ai: Before. After.']);
  });

  it('asks a person, and goes on after the answer', async () => {
    await page.click('#pay');
    (await stage.model.next('pay')).text('I will pay.').toolCall('pay', { euro: 5 }, 'pay_1').finish();
    await shows('interrupt', 'action_requests');
    await shows('state', 'idle');
    await page.click('#approve');
    (await stage.model.next('pay')).text('Paid.').finish();
    await shows('messages', 'ai: Paid.');
    await shows('state', 'idle');
    await shows('interrupt', /^$/);
    expect(await lines()).toEqual(['human: pay', 'ai: I will pay.', 'tool: paid {"euro":5}', 'ai: Paid.']);
  });

  it('stops a run, and keeps what was said', async () => {
    await page.click('#hello');
    const answer = await stage.model.next('hello');
    answer.text('So far.');
    await shows('messages', 'ai: So far.');
    await page.click('#stop');
    await answer.hungUp;
    await shows('state', 'idle');
    await shows('messages', 'ai: So far.');
  });
});
