import type { Browser, Page } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { anotherTab, openBrowser, visit, type Visit } from '../support/browser.js';
import { Line } from '../support/line.js';
import type { ModelAnswer } from '../support/scripted-model.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';

/** Reads what the last answer shows after every change of the page, from the very first moment. */
const RECORD = `
  window.shown = [];
  new MutationObserver(() => {
    const texts = document.querySelectorAll('[data-message]:last-of-type [data-text]');
    const text = Array.from(texts, (element) => element.textContent).join('');
    if (window.shown.at(-1) !== text) window.shown.push(text);
  }).observe(document, { childList: true, characterData: true, subtree: true });`;

/** Everything that the last answer has shown on this page, in order. */
const shownOn = (page: Page): Promise<string[]> => page.evaluate<string[]>('window.shown');

/** A text that only grows was never duplicated, lost or replaced by an older one. */
function expectGrowing(shown: readonly string[]): void {
  for (const [index, text] of shown.entries()) expect(text).toContain(shown[index - 1] ?? '');
}

/** Runs of a model that says what the test tells it to. */
describe('a run on the chat page', () => {
  let stage: Stage;
  let browser: Browser;
  let now: Visit;
  let chat: ChatPage;
  let questions = 0;
  const lines: Line[] = [];

  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });
  beforeEach(async () => {
    now = await visit(browser, stage.app.url);
    chat = await new ChatPage(now.page).open();
  });
  afterEach(async () => {
    await now.context.close();
    for (const line of lines.splice(0)) await line.stop();
  });

  /** Asks something new; resolves when the model has been called. */
  async function ask(on = chat): Promise<ModelAnswer> {
    const question = `Question ${questions++}`;
    await on.send(question);
    return stage.model.next(question);
  }

  it('continues after a reload: nothing lost, nothing duplicated, nothing stale for a moment', async () => {
    const answer = await ask();
    answer.text('Part one, ');
    await chat.says('Part one,');
    await now.page.addInitScript(RECORD);
    await now.page.reload();
    await chat.says('Part one,');
    answer.text('part two, ');
    await chat.says('Part one, part two,');
    answer.text('part three.').finish();
    await chat.completed();
    expect(await chat.exchanges.count()).toBe(1);
    const shown = await shownOn(now.page);
    expectGrowing(shown);
    expect(shown.at(-1)).toBe('Part one, part two, part three.');
    expect(now.faults).toEqual([]);
  });

  it('shows the same on two tabs, and stops on both', async () => {
    const answer = await ask();
    answer.text('Seen twice');
    await chat.says('Seen twice');
    const tab = await anotherTab(now.context);
    const second = await new ChatPage(tab.page).open(now.page.url());
    await second.says('Seen twice');
    await second.button('Stop').click();
    await answer.hungUp;
    for (const one of [chat, second]) {
      await one.page.getByText('This answer was stopped.').waitFor();
      await one.says('Seen twice');
      await one.button('Stop').waitFor({ state: 'hidden' });
    }
    const another = await ask(second);
    another.text('Asked there, seen here');
    await chat.says('Asked there, seen here');
    another.finish();
    await chat.completed();
    expect([...now.faults, ...tab.faults]).toEqual([]);
  });

  it('is found by a link that names the message', async () => {
    const answer = await ask();
    answer.text('Here it is');
    await chat.says('Here it is');
    const id = (await stage.client.history(chat.chatId))[0].message_id as string;
    const tab = await anotherTab(now.context);
    const second = await new ChatPage(tab.page).open(`/chats/${chat.chatId}?message=${id}`);
    await second.says('Here it is');
    expect(await second.exchanges.first().getAttribute('data-target')).toBe('true');
    answer.finish();
    await second.completed();
  });

  it('continues after ten seconds without network', async () => {
    const line = await Line.start(Number(new URL(stage.app.url).port));
    lines.push(line);
    const far = await visit(browser, `http://127.0.0.1:${line.port}`);
    const over = await new ChatPage(far.page).open();
    const answer = await ask(over);
    answer.text('Before, ');
    await over.says('Before,');
    await far.page.evaluate(RECORD);
    line.cut(() => true, 10_000);
    answer.text('during, ');
    await far.page.getByText('Connection lost. Reconnecting…').waitFor();
    expect(await over.text().textContent()).toBe('Before,');
    answer.text('after.').finish();
    await far.page.getByRole('button', { name: 'Copy answer' }).waitFor({ timeout: 25_000 });
    await over.says('Before, during, after.');
    expectGrowing(await shownOn(far.page));
    expect(await over.exchanges.count()).toBe(1);
    await far.context.close();
  }, 45_000);

  it('keeps its text when Escape stops it, also after a reload', async () => {
    const answer = await ask();
    answer.text('Half an ans');
    await chat.says('Half an ans');
    await now.page.keyboard.press('Escape');
    await now.page.getByText('This answer was stopped.').waitFor();
    await chat.says('Half an ans');
    await now.page.reload();
    await now.page.getByText('This answer was stopped.').waitFor();
    await chat.says('Half an ans');
    expect(now.faults).toEqual([]);
  });

  it('waits its turn after another one, and answers stay with their questions', async () => {
    const first = await ask();
    first.text('One');
    await chat.says('One');
    await chat.send('The second');
    await now.page.getByRole('status').filter({ hasText: 'Waiting to start…' }).waitFor();
    first.finish();
    const second = await stage.model.next('The second');
    second.text('Two').finish();
    await chat.says('Two');
    await now.page.reload();
    await chat.says('Two');
    expect(await chat.text(0).textContent()).toBe('One');
  });

  it('says why it failed, and can be retried', async () => {
    const answer = await ask();
    answer.fail(400);
    const alert = now.page.getByRole('alert');
    await alert.getByText('HTTP 400').waitFor();
    await alert.getByRole('button', { name: 'Try again' }).click();
    const again = await stage.model.next(answer.question);
    again.text('Now it works').finish();
    await chat.says('Now it works');
    await now.page.getByRole('group', { name: 'Versions of this answer' }).getByText('2/2').waitFor();
    expect(await chat.exchanges.count()).toBe(1);
    const [question, , retried] = await stage.client.history(chat.chatId);
    expect([...(await stage.client.history(chat.chatId))].filter(({ role }) => role === 'user')).toHaveLength(
      2,
    );
    expect((retried ?? question).metadata.retry_of ?? question.message_id).toBe(question.message_id);
  });

  it('keeps a message without a response, and sends it once', async () => {
    (await ask()).text('Hello').finish();
    await chat.completed();
    let attempts = 0;
    let isDown = true;
    await now.page.route('**/messages', async (route) => {
      if (!isDown || route.request().method() !== 'POST') return route.continue();
      if (attempts++ === 0) await route.fetch(); // it arrives; the response does not
      return route.abort();
    });
    await chat.send('Lost on the way');
    const again = chat.button('Send again');
    await again.waitFor({ timeout: 20_000 });
    isDown = false;
    await again.click();
    const answer = await stage.model.next('Lost on the way');
    answer.text('Found').finish();
    await chat.says('Found');
    await until('the answer is stored', async () => (await stage.client.history(chat.chatId)).length === 4);
    expect(await chat.exchanges.count()).toBe(2);
    expect(stage.model.pending).toEqual([]);
  });
});
