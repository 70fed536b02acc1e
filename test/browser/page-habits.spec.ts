import type { Browser } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';

/** What people do without thinking. */
describe('habits', () => {
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
    chat = new ChatPage(now.page);
  });
  afterEach(() => now.context.close());

  it('a double click on an example makes one chat', async () => {
    await chat.open();
    await now.page.getByRole('button', { name: /Find a requirement/ }).dblclick();
    (await stage.model.next()).text('Found').finish();
    await chat.completed();
    expect(await now.page.locator('nav li a').count()).toBe(1);
    expect(stage.model.pending).toEqual([]);
  });

  it('Back from a new chat returns to the previous page', async () => {
    await now.page.goto('/documents');
    await now.page.getByRole('link', { name: /^New chat/ }).click();
    await chat.send('Hello');
    (await stage.model.next('Hello')).text('Hi').finish();
    await chat.completed();
    await now.page.goBack();
    await now.page.waitForURL('**/documents');
  });

  const bring = (how: 'drop' | 'paste'): Promise<void> =>
    now.page.evaluate((type) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'picture.png', { type: 'image/png' }));
      const event =
        type === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
      (document.querySelector('textarea') ?? document.body).dispatchEvent(event);
    }, how);

  it.each(['drop', 'paste'] as const)('a file that comes by %s is attached to the message', async (how) => {
    await chat.open();
    await chat.box.fill('unsent');
    await bring(how);
    const files = now.page.getByRole('list', { name: 'Attached files' });
    await files.getByRole('button', { name: 'Remove picture.png' }).waitFor();
    expect(await chat.box.inputValue()).toBe('unsent');
    expect(await now.page.getByText('do not belong here').count()).toBe(0);
  });

  it.each(['drop', 'paste'] as const)('a file that comes by %s elsewhere is not ignored', async (how) => {
    await now.page.goto('/nowhere');
    await now.page.getByRole('link', { name: 'Documents' }).first().waitFor();
    await bring(how);
    const notice = now.page.getByRole('alert').filter({ hasText: 'do not belong here' });
    await notice.getByRole('link', { name: 'Documents' }).click();
    await now.page.waitForURL('**/documents');
    expect(now.faults.filter((fault) => !fault.includes('404'))).toEqual([]);
  });

  it('the box keeps the focus when Stop was pressed', async () => {
    await chat.open();
    await chat.send('Halt');
    const answer = await stage.model.next('Halt');
    answer.text('Half');
    await chat.says('Half');
    await chat.button('Stop').click();
    await answer.hungUp;
    await chat.button('Stop').waitFor({ state: 'hidden' });
    expect(await chat.box.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('Ctrl P loads earlier messages before it prints', async () => {
    const id = await stage.client.newChat((await ownerOf(now)) ?? '');
    for (let index = 0; index < 40; index++) {
      const created = await stage.client.send(id, `Question ${index}`);
      (await stage.model.next(`Question ${index}`)).text(`Answer ${index} ${'word '.repeat(200)}`).finish();
      await stage.client.ended(created);
    }
    await now.page.addInitScript('window.print = () => { window.printed = document.body.textContent; };');
    await chat.open(`/chats/${id}`);
    await now.page.getByText('Answer 39 ').waitFor();
    await now.page.keyboard.press('Control+p');
    const printed = await until('it is printed', () =>
      now.page.evaluate<string | undefined>('window.printed'),
    );
    for (let index = 0; index < 40; index++) expect(printed.includes(`Answer ${index} `)).toBe(true);
  }, 60_000);

  it('Space plays and pauses in the debugger while a tab has the focus', async () => {
    await chat.open();
    await chat.send('Play');
    (await stage.model.next('Play')).text('Played').finish();
    await chat.completed();
    const [question] = await stage.client.history(chat.chatId);
    await now.page.goto(`/debug/${question.message_id}`);
    const tab = now.page.getByRole('tab', { selected: true });
    await tab.focus();
    await now.page.keyboard.press('Home');
    const button = now.page.getByRole('button', { name: /^(Play|Pause)/ });
    const before = await button.first().getAttribute('aria-label');
    await now.page.keyboard.press('Space');
    await until('it plays, or has played', async () => {
      const label = await button.first().getAttribute('aria-label');
      return label !== before || (await now.page.locator('[data-when="now"]').count()) > 0;
    });
    expect(await tab.getAttribute('aria-selected')).toBe('true');
  });

  it("the debugger's log has space for its summaries at 1024 px", async () => {
    await chat.open();
    await chat.send('Narrow');
    (await stage.model.next('Narrow')).text('An answer of some words.').finish();
    await chat.completed();
    const [question] = await stage.client.history(chat.chatId);
    await now.page.setViewportSize({ width: 1024, height: 768 });
    await now.page.goto(`/debug/${question.message_id}`);
    const cell = now.page.getByRole('gridcell').filter({ hasText: 'An answer of some words.' });
    const { scrollWidth, clientWidth } = await cell.evaluate((element) => ({
      scrollWidth: element.scrollWidth,
      clientWidth: element.clientWidth,
    }));
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
  });
});

/** The user id that this browser has generated. */
async function ownerOf({ page }: Visit): Promise<string | null> {
  await page.goto('/');
  return page.evaluate(() => localStorage.getItem('reprise.user'));
}
