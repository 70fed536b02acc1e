import type { Browser, Locator } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';

/** A question that is asked again shows its versions in its place. */
describe('versions of an answer on the chat page', () => {
  let stage: Stage;
  let browser: Browser;
  let now: Visit;
  let chat: ChatPage;

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
    expect(now.faults).toEqual([]);
    await now.context.close();
  });

  const ask = async (question: string, answer: string): Promise<void> => {
    await chat.send(question);
    (await stage.model.next(question)).text(answer).finish();
    await chat.says(answer);
    await chat.completed();
  };
  const versions = (exchange: number): Locator =>
    chat.exchanges.nth(exchange).getByRole('group', { name: 'Versions of this answer' });
  const askAgain = async (exchange: number, question: string, answer: string): Promise<void> => {
    await chat.exchanges.nth(exchange).getByRole('button', { name: 'Ask again' }).click();
    (await stage.model.next(question)).text(answer).finish();
    await shows(exchange, answer);
    await chat.exchanges.nth(exchange).getByRole('button', { name: 'Copy answer' }).waitFor();
  };
  const shows = async (exchange: number, answer: string): Promise<void> => {
    await chat.text(exchange).filter({ hasText: answer }).waitFor();
    expect(await chat.text(exchange).textContent()).toBe(answer);
    const { length } = (await chat.exchanges.nth(exchange).innerText()).match(/^(?:One|Two)$/gm) ?? [];
    expect(length).toBe(1); // the question, in one version
  };

  it('appear in the place of the question, and can be browsed by mouse and keyboard', async () => {
    await ask('One', 'A1');
    await ask('Two', 'B1');
    expect(await versions(0).count()).toBe(0);
    await askAgain(0, 'One', 'A2');
    await askAgain(0, 'One', 'A3');
    await versions(0).getByText('3/3', { exact: true }).waitFor();
    await versions(0).getByRole('status').filter({ hasText: 'Version 3 of 3' }).waitFor();

    const back = versions(0).getByRole('button', { name: 'Previous version' });
    const forth = versions(0).getByRole('button', { name: 'Next version' });
    expect(await forth.getAttribute('aria-disabled')).toBe('true');
    await back.focus();
    await now.page.keyboard.press('Enter');
    await shows(0, 'A2');
    await now.page.keyboard.press('Space');
    await shows(0, 'A1');
    await versions(0).getByRole('status').filter({ hasText: 'Version 1 of 3' }).waitFor();
    expect(await back.getAttribute('aria-disabled')).toBe('true');
    await now.page.keyboard.press('Enter'); // the end of the row: nothing happens, and keyboard focus stays
    await shows(0, 'A1');
    expect(await back.evaluate((element) => element === document.activeElement)).toBe(true);
    await forth.click();
    await shows(0, 'A2');

    await now.page.reload();
    await shows(0, 'A3');
    expect(await chat.exchanges.count()).toBe(1);
  });

  it('have their own continuations: each branch is shown and continued by itself', async () => {
    await ask('One', 'A1');
    await ask('Two', 'B1');
    await askAgain(0, 'One', 'A2');
    await until('what followed the old version is hidden', async () => (await chat.exchanges.count()) === 1);
    await ask('Three', 'C1');
    await versions(0).getByRole('button', { name: 'Previous version' }).click();
    await chat.text(1).filter({ hasText: 'B1' }).waitFor();
    await shows(0, 'A1');
    expect(await chat.exchanges.count()).toBe(2);
    await chat.send('Four');
    const asked = await stage.model.next('Four');
    expect(asked.messages.slice(1).map(({ content }) => content)).toEqual(['One', 'A1', 'Two', 'B1', 'Four']);
    asked.text('D1').finish();
    await chat.text(2).filter({ hasText: 'D1' }).waitFor();
    await chat.completed();
    await versions(0).getByRole('button', { name: 'Next version' }).click();
    await chat.text(1).filter({ hasText: 'C1' }).waitFor();
    expect(await chat.exchanges.count()).toBe(2);
    await now.page.reload();
    await chat.text(2).filter({ hasText: 'D1' }).waitFor();
    await shows(0, 'A1');
  });

  it('are all there when a link points to one of them', async () => {
    await ask('One', 'A1');
    await askAgain(0, 'One', 'A2');
    const [first, , second] = await stage.client.history(chat.chatId);
    await chat.open(`/chats/${chat.chatId}?message=${first.message_id}`);
    await shows(0, 'A1');
    await versions(0).getByText('1/2', { exact: true }).waitFor();
    await chat.open(`/chats/${chat.chatId}?message=${second.message_id}`);
    await shows(0, 'A2');
  });

  it('can be read while the newest is still being written, and it can be stopped', async () => {
    await ask('One', 'A1');
    await chat.exchanges.nth(0).getByRole('button', { name: 'Ask again' }).click();
    const answer = await stage.model.next('One');
    answer.text('Half of A2');
    await shows(0, 'Half of A2');
    await versions(0).getByRole('button', { name: 'Previous version' }).click();
    await shows(0, 'A1');
    await chat.button('Stop').click();
    await answer.hungUp;
    await versions(0).getByRole('button', { name: 'Next version' }).click();
    await now.page.getByText('This answer was stopped.').waitFor();
    await shows(0, 'Half of A2');
  });

  it('stay where the reader looks: an old question in a long chat is answered in view', async () => {
    const long = Array.from({ length: 60 }, (_, index) => `Line ${index}`).join('\n\n');
    await ask('One', 'A1');
    await chat.send('Two');
    (await stage.model.next('Two')).text(long).finish();
    await chat.completed();
    const first = chat.exchanges.nth(0);
    await first.scrollIntoViewIfNeeded();
    await first.getByRole('button', { name: 'Ask again' }).click();
    const answer = await stage.model.next('One');
    answer.text(`A2 ${long}`);
    await first.getByText('A2 Line 0').waitFor();
    const top = await first.getByText('A2 Line 0').evaluate((element) => element.getBoundingClientRect().top);
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(700);
    answer.finish();
    await first.getByRole('button', { name: 'Copy answer' }).waitFor();
    await until('the answer is stored', async () => (await stage.client.history(chat.chatId)).length === 6);
    expect(
      await first.getByText('A2 Line 0').evaluate((element) => element.getBoundingClientRect().top),
    ).toBe(top);
  });
});
