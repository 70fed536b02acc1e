import type { Browser, BrowserContext, Page } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { anotherTab, openBrowser, visit } from '../support/browser.js';
import { answerOf } from '../support/client.js';
import type { ModelAnswer } from '../support/scripted-model.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';

/**
 * Over HTTP/1.1 a browser opens six connections to a host; the page leaves at least half of them free for requests.
 */
const MOST_STREAMS = 3;
const TABS = 8;
const HOST = 'reprise.test';

/** What `Page.setWebLifecycleState` and a hidden window do, for a browser without windows. */
const setHidden = (page: Page, isHidden: boolean): Promise<void> =>
  page.evaluate(
    (state) => {
      const { document } = globalThis as unknown as { document: EventTarget };
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    isHidden ? 'hidden' : 'visible',
  );

/** On localhost pages have Web Locks; on plain http under any other name they do not. */
describe.each([
  ['with Web Locks', '127.0.0.1'],
  ['on plain http, without Web Locks', HOST],
])('many tabs %s', (_title, host) => {
  let stage: Stage;
  let browser: Browser;
  let context: BrowserContext;
  let first: ChatPage;
  let faults: string[];
  let questions = 0;

  beforeAll(async () => {
    stage = await setStage({ HOSTS: HOST });
    browser = await openBrowser([`--host-resolver-rules=MAP ${HOST} 127.0.0.1`]);
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });
  beforeEach(async () => {
    const url = stage.app.url.replace('127.0.0.1', host);
    const now = await visit(browser, url);
    ({ context, faults } = now);
    first = await new ChatPage(now.page).open();
    expect(await now.page.evaluate('"locks" in navigator')).toBe(host !== HOST);
  });
  afterEach(async () => {
    // On plain http Chromium reports for every page that it ignores this header.
    expect(faults.filter((fault) => !fault.includes('Cross-Origin-Opener-Policy'))).toEqual([]);
    await context.close();
  });

  async function tab(address = first.page.url()): Promise<ChatPage> {
    const opened = await anotherTab(context);
    faults = opened.faults;
    return new ChatPage(opened.page).open(address);
  }
  async function ask(on: ChatPage): Promise<ModelAnswer> {
    const question = `Question ${questions++}`;
    await on.send(question);
    return stage.model.next(question);
  }
  /** How many streams the server has open. */
  const streams = (): Promise<number> => stage.client.metric('reprise_active_streams');
  const logOf = async (chat: ChatPage): Promise<string> => {
    const [question] = await stage.client.history(chat.chatId);
    return answerOf(await stage.client.replay(question.message_id));
  };

  it('show one active answer over one stream, and each can stop it', async () => {
    const answer = await ask(first);
    answer.text('One, ');
    await first.says('One,');
    const tabs = [first];
    while (tabs.length < TABS) tabs.push(await tab());
    for (const one of tabs) await one.says('One,');
    answer.text('two.');
    for (const one of tabs) await one.says('One, two.');
    expect(await streams()).toBe(1);
    await tabs.at(-1)?.button('Stop').click();
    await answer.hungUp;
    for (const one of tabs) {
      await one.page.getByText('This answer was stopped.').waitFor();
      await one.says('One, two.');
    }
    expect(await logOf(first)).toBe('One, two.');
  }, 60_000);

  it('show many active answers, each complete, and leave connections for requests', async () => {
    const tabs = [first];
    while (tabs.length < TABS) tabs.push(await tab('/'));
    const answers: ModelAnswer[] = [];
    for (const one of tabs) answers.push(await ask(one));
    for (const answer of answers) answer.text('Begun, ');
    for (const one of tabs) await one.says('Begun,');
    expect(await streams()).toBeLessThanOrEqual(MOST_STREAMS);
    const more = await tab('/'); // one more loads
    expect(await more.page.getByRole('link', { name: /^Question/ }).count()).toBeGreaterThanOrEqual(TABS);
    for (const [index, answer] of answers.entries()) {
      if (index % 2 === 0) {
        await tabs[index]!.button('Stop').click();
        await answer.hungUp;
      } else answer.text('and done.').finish();
    }
    for (const [index, one] of tabs.entries()) {
      await one.says(index % 2 === 0 ? 'Begun,' : 'Begun, and done.');
      expect((await logOf(one)).trim()).toBe(await one.text().textContent());
    }
    await until('all streams are closed', async () => (await streams()) === 0);
  }, 90_000);

  it.each(['closes', 'crashes', 'is frozen', 'is hidden'])(
    'continue when the tab that reads %s',
    async (what) => {
      const answer = await ask(first);
      answer.text('Before, ');
      await first.says('Before,');
      const second = await tab();
      const third = await tab();
      for (const one of [second, third]) await one.says('Before,');
      const devtools = await context.newCDPSession(first.page);
      if (what === 'closes') await first.page.close();
      else if (what === 'crashes') void first.page.goto('chrome://crash').catch(() => undefined);
      else if (what === 'is hidden') await setHidden(first.page, true);
      else await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
      answer.text('after.');
      for (const one of [second, third]) await one.says('Before, after.');
      // A crashed tab holds its lease for some seconds; until then the others read the log.
      await until('one tab reads it again', async () => (await streams()) === 1);
      if (what === 'is hidden') {
        await first.says('Before,'); // nobody looks
        await setHidden(first.page, false);
        await first.says('Before, after.');
      } else if (what === 'is frozen') {
        await devtools.send('Page.setWebLifecycleState', { state: 'active' });
        await first.says('Before, after.');
      }
      answer.finish();
      for (const one of [second, third]) {
        await one.completed();
        await one.says('Before, after.');
      }
    },
    60_000,
  );

  it('hold no stream while all are hidden', async () => {
    const answer = await ask(first);
    answer.text('Before, ');
    await first.says('Before,');
    const second = await tab();
    await second.says('Before,');
    for (const { page } of [first, second]) await setHidden(page, true);
    await until('no stream is open', async () => (await streams()) === 0);
    answer.text('after.').finish();
    await setHidden(second.page, false);
    await second.completed();
    await second.says('Before, after.');
    expect(await first.text().textContent()).toBe('Before,');
  });

  it('a slow message and six after it: all are shown, Stop works, the next is sent', async () => {
    const answer = await ask(first);
    answer.text('Slow…');
    await first.says('Slow…');
    const behind = Array.from({ length: 6 }, (_, index) => `Behind ${index}`);
    for (const text of behind) await first.send(text);
    for (const text of behind) await first.exchanges.getByText(text, { exact: true }).waitFor();
    expect(await streams()).toBe(1);
    await first.send('One more');
    await until('it is stored', async () => (await stage.client.history(first.chatId)).length === 8);
    await first.page.keyboard.press('Escape');
    await answer.hungUp;
    for (const text of [...behind, 'One more']) {
      const next = await stage.model.next(text);
      next.text(`Answer to ${text}`);
      await first.says(`Slow…`, 0);
      await first.exchanges.filter({ hasText: `Answer to ${text}` }).waitFor();
      expect(await streams()).toBe(1);
      next.finish();
    }
    await first.completed();
    expect(await first.exchanges.count()).toBe(8);
  }, 60_000);
});
