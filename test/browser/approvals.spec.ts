import type { Browser, Locator, Page } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { changeAssistant } from '../support/approvals.js';
import { anotherTab, openBrowser, visit, type Visit } from '../support/browser.js';
import { ChatPage } from './chat-page.js';

const FILE = { path: 'offer.md', content: 'We pay 5 euro.' };

describe('a call that needs approval, on the chat page', () => {
  let stage: Stage;
  let browser: Browser;
  let now: Visit;
  let chat: ChatPage;
  let questions = 0;

  beforeAll(async () => {
    stage = await setStage();
    changeAssistant(stage.app, { approvals: ['write_file'] });
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
  });

  const cardOn = (page: Page): Locator => page.getByRole('region', { name: 'Approval of write_file' });

  /** Asks something that the model wants to answer with a file. */
  async function ask(): Promise<{ question: string; card: Locator }> {
    const question = `Please write ${questions++}`;
    await chat.send(question);
    const turn = await stage.model.next(question);
    turn.text('I write it down.').toolCall('write_file', FILE, `w${questions}`).finish();
    const card = cardOn(now.page);
    await card.getByText('Allow this?').waitFor();
    return { question, card };
  }

  it('is approved with a click, also after a reload, and other tabs see it', async () => {
    const { question } = await ask();
    await now.page.getByText('Waiting for your decision').first().waitFor();
    const picture = process.env['SCREENSHOT'];
    if (picture !== undefined) await now.page.screenshot({ path: picture });
    await now.page.reload();
    const card = cardOn(now.page);
    await card.getByText('"We pay 5 euro."').waitFor();
    await card.getByText(/^until /).waitFor();
    const other = await anotherTab(now.context);
    await other.page.goto(now.page.url());
    await cardOn(other.page).getByText('Allow this?').waitFor();
    await card.getByRole('button', { name: 'Approve' }).click();
    (await stage.model.next(question)).text(' Done.').finish();
    await chat.completed();
    for (const page of [now.page, other.page]) await cardOn(page).getByText('Approved').waitFor();
    expect([...now.faults, ...other.faults]).toEqual([]);
  });

  it('is rejected with a reason, which the model is told; it is not shown as a call that ran', async () => {
    const { question, card } = await ask();
    await card.getByRole('textbox', { name: 'Reason' }).fill('Too dear.');
    await card.getByRole('button', { name: 'Reject' }).click();
    const turn = await stage.model.next(question);
    expect(turn.messages.at(-1)?.content).toContain('Too dear.');
    turn.text(' Then not.').finish();
    await chat.completed();
    await card.getByText('Rejected: Too dear.').waitFor();
    expect(await now.page.getByText('write_file').count()).toBe(1);
  });

  it('runs with arguments that the person has edited, once they are right', async () => {
    const { question, card } = await ask();
    await card.getByRole('button', { name: 'Edit arguments' }).click();
    const editor = card.getByRole('textbox', { name: 'Arguments' });
    await editor.fill('{ "path": ');
    await card.getByText(/^This is not JSON/).waitFor();
    await editor.fill('{ "path": 7, "content": "We pay 3 euro." }');
    await card.getByRole('button', { name: 'Approve with changes' }).click();
    await card.getByRole('alert').filter({ hasText: 'arguments.path' }).waitFor();
    await editor.fill('{ "path": "offer.md", "content": "We pay 3 euro." }');
    await card.getByRole('button', { name: 'Approve with changes' }).click();
    const turn = await stage.model.next(question);
    expect(turn.messages.at(-2)?.tool_calls?.[0]?.function.arguments).toContain('3 euro');
    turn.text(' Done.').finish();
    await chat.completed();
    await card.getByText('"We pay 3 euro."').waitFor();
  });
});
