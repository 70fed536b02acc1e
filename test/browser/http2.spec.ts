import type { Browser } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { Nginx } from '../scale/nginx.js';
import { openBrowser } from '../support/browser.js';
import type { ModelAnswer } from '../support/scripted-model.js';
import { ChatPage } from './chat-page.js';

const TABS = 8;

/** nginx in front, with TLS: one connection carries every stream. */
describe('the page over HTTP/2', () => {
  let stage: Stage;
  let nginx: Nginx;
  let browser: Browser;

  beforeAll(async () => {
    stage = await setStage();
    nginx = await Nginx.start([Number(new URL(stage.app.url).port)], { tls: true });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await nginx.destroy();
    await stage.close();
  });

  it('follows every answer over a stream', async () => {
    const context = await browser.newContext({ baseURL: nginx.url, ignoreHTTPSErrors: true });
    const tabs: ChatPage[] = [];
    const answers: ModelAnswer[] = [];
    for (let index = 0; index < TABS; index++) {
      const tab = await new ChatPage(await context.newPage()).open();
      tabs.push(tab);
      await tab.send(`Question ${index}`);
      answers.push(await stage.model.next(`Question ${index}`));
    }
    const protocol = await tabs[0]?.page.evaluate(
      'performance.getEntriesByType("navigation")[0].nextHopProtocol',
    );
    expect(protocol).toBe('h2');
    for (const answer of answers) answer.text('Here ');
    for (const tab of tabs) await tab.says('Here');
    expect(await stage.client.metric('reprise_active_streams')).toBe(TABS);
    for (const answer of answers) answer.text('and done.').finish();
    for (const tab of tabs) await tab.says('Here and done.');
    await context.close();
  }, 90_000);
});
