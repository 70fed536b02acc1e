import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit } from '../support/browser.js';
import { ChatPage } from './chat-page.js';

const RICH = `# Heading\n\nText with a [link](https://example.com) and \`code\`.\n
| a | b |\n| --- | --- |\n| 1 | 2 |\n\n> quote\n\n- [x] done\n- [ ] open\n
\`\`\`ts\n// comment\nconst text: string = 'a' + 1;\n\`\`\`\n`;

/** Checked by axe-core: everything in the light theme, and what differs, the contrast, in the dark one. */
describe('every page', () => {
  let stage: Stage;
  let browser: Browser;
  let page: Page;
  let chat: ChatPage;
  let axe: string;

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    stage = await setStage({ MODEL_RETRIES: '0' });
    browser = await openBrowser();
    ({ page } = await visit(browser, stage.app.url));
    chat = new ChatPage(page);
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  /** Fails with every serious fault and its location. */
  async function expectAccessible(): Promise<void> {
    await page.evaluate(axe);
    const light = await faults({});
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
    const dark = await faults({ runOnly: ['color-contrast'] });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('html[data-mantine-color-scheme=light]').waitFor();
    expect({ light, dark }).toEqual({ light: [], dark: [] });
  }

  async function faults(options: object): Promise<unknown[]> {
    const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(options)})`);
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return serious.map(({ id, nodes }) => [
      id,
      nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary ?? ''}`),
    ]);
  }

  it('a new chat has no serious fault', async () => {
    await chat.open();
    await expectAccessible();
  });

  it('a conversation has none: while it runs, when it has ended, when it failed', async () => {
    await stage.client.post('/api/documents', { title: 'Annex', content: 'Axe and other tools.' });
    await chat.open();
    await chat.send('Look for axe');
    const first = await stage.model.next();
    const items = ['pending', 'in_progress', 'completed'].map((status, id) => ({
      id: String(id),
      text: status,
      status,
    }));
    first.reasoning('I think.\n\n').toolCall('update_plan', { items });
    first
      .toolCall('search_tender_corpus', { query: 'axe' })
      .toolCall('read_file', { path: 'missing' })
      .finish();
    const second = await stage.model.next();
    second.text(RICH);
    await chat.text().getByRole('table').waitFor();
    await expectAccessible();
    second.finish();
    await chat.completed();
    await chat.button(/^Search tender corpus/).click();
    await chat.button(/^Thinking/).click();
    await page.getByRole('region', { name: 'Result' }).last().waitFor();
    await chat.send('Fail');
    (await stage.model.next('Fail')).fail(400);
    await page.getByRole('alert').waitFor();
    await expectAccessible();
  });

  it('menus, dialogs and the search have none', async () => {
    await chat.button('Chat options').click();
    await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
    await expectAccessible();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).waitFor();
    await expectAccessible();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('option').first().waitFor();
    await expectAccessible();
  });

  it('the documents have none: the list, the uploads, one that is open', async () => {
    await page.goto('/documents');
    await page.locator('input[type=file]').setInputFiles([
      { name: 'bad.bin', mimeType: 'x/y', buffer: Buffer.from([0]) },
      { name: 'good.txt', mimeType: 'text/plain', buffer: Buffer.from('Good.') },
    ]);
    await page.getByText('Added', { exact: true }).or(page.getByText('Skipped')).waitFor();
    await expectAccessible();
    await page.getByRole('list', { name: 'Documents' }).getByRole('button').first().click();
    await page.getByRole('dialog').locator('pre').waitFor();
    await expectAccessible();
  });

  it('the debugger and an unknown address have none', async () => {
    const chats = await stage.client.get(
      `/api/users/${await page.evaluate<string>("localStorage.getItem('reprise.user')")}/chats`,
    );
    const [question] = await stage.client.history(chats.body.items[0].chat_id);
    await page.goto(`/debug/${question.message_id}`);
    await page.getByRole('main').getByRole('heading').first().waitFor();
    await expectAccessible();
    await page.goto('/nowhere');
    await page.getByText('This page does not exist').waitFor();
    await expectAccessible();
  });
});
