import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { Client } from '../support/client.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';

const TEXT = `# CSR

## Requirements

The supplier shall follow the ILO conventions. CSR requirements hold for every subcontractor.`;

/** The page with the offline model, as after \`npm start\`. */
describe('the chat page', () => {
  let app: TestApp;
  let client: Client;
  let browser: Browser;
  let now: Visit;
  let chat: ChatPage;
  let users = 0;
  let user: string;

  beforeAll(async () => {
    app = await startTestApp();
    client = new Client(app.url);
    await client.post('/api/documents', { title: 'Annex E', content: TEXT });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.destroy();
  });
  beforeEach(async () => {
    user = `user-${users++}`;
    now = await visit(browser, app.url, { user });
    chat = await new ChatPage(now.page).open();
  });
  afterEach(async () => {
    expect(now.faults).toEqual([]);
    await now.context.close();
  });

  const titles = async (): Promise<string[]> =>
    (await client.get(`/api/users/${user}/chats`)).body.items.map(({ title }: { title: string }) => title);

  it('shows a whole conversation', async () => {
    await chat.send('What are the CSR requirements?');
    await chat.completed();
    const exchange = chat.exchanges.first();
    expect(
      await exchange.getByRole('region', { name: 'Plan' }).getByRole('listitem').allTextContents(),
    ).toEqual(['Search the documents', 'Read the best source', 'Answer with extracts and sources']);
    expect(await exchange.getByRole('img', { name: 'Done' }).count()).toBe(3);
    expect(await chat.text().textContent()).toContain('CSR requirements hold for every subcontractor.');
    expect(await exchange.getByText(/^\d+ (ms|s)$|^[\d.]+ s$/).count()).toBeGreaterThan(0);
    await exchange.getByText(/tokens$/).waitFor();
    await chat.send('Who are you?');
    await chat.exchanges.nth(1).getByText('built-in offline model').waitFor();
    await chat.completed();
    expect(await titles()).toEqual(['What are the CSR requirements?']);
    expect(await now.page.title()).toBe('What are the CSR requirements? · Reprise');
  });

  it("shows a tool's arguments and result in full", async () => {
    await chat.send('What are the CSR requirements?');
    await chat.completed();
    await chat.button(/^Search tender corpus/).click();
    const details = chat.exchanges.first();
    expect(
      JSON.parse((await details.getByRole('region', { name: 'Arguments' }).last().textContent()) ?? ''),
    ).toEqual({
      query: 'What are the CSR requirements?',
    });
    expect(await details.getByRole('region', { name: 'Result' }).last().textContent()).toContain(
      '"passages"',
    );
    await chat
      .button(/^Thinking/)
      .first()
      .click();
    await details
      .locator('p')
      .filter({ hasText: 'First a plan: search, read the best source, answer.' })
      .waitFor();
  });

  it('lists its sources, and they open', async () => {
    await chat.send('What are the CSR requirements?');
    await chat.completed();
    const source = now.page.getByRole('list', { name: 'Sources' }).getByRole('link');
    expect(await source.allTextContents()).toEqual([expect.stringMatching(/^Annex ECSR › Requirements/)]);
    await source.click();
    await now.page.getByRole('dialog', { name: 'Annex E' }).getByText('every subcontractor').waitFor();
  });

  it('shows an ended answer folded, and its steps on request', async () => {
    await chat.send('What are the CSR requirements?');
    await chat.completed();
    const before = await chat.text().textContent();
    await now.page.reload();
    await chat.completed();
    expect(await chat.text().textContent()).toBe(before);
    expect(await now.page.getByRole('region', { name: 'Plan' }).count()).toBe(0);
    await chat.button(/^Worked for/).click();
    await now.page.getByRole('region', { name: 'Plan' }).getByText('3 of 3').waitFor();
    expect(await chat.text().textContent()).toBe(before);
    await chat.button('1 source').click();
    await now.page.getByRole('list', { name: 'Sources' }).waitFor();
  });

  it('renames and deletes a chat, after confirmation', async () => {
    await chat.send('Who are you?');
    await chat.completed();
    await chat.button('Chat options').click();
    await now.page.getByRole('menuitem', { name: 'Rename' }).click();
    await now.page.getByRole('textbox', { name: 'Title' }).fill('Introductions <b>&amp;</b>');
    await chat.button('Save').click();
    await now.page.getByRole('link', { name: 'Introductions <b>&amp;</b>' }).waitFor();
    expect(await titles()).toEqual(['Introductions <b>&amp;</b>']);
    await chat.button('Options for Introductions <b>&amp;</b>').click();
    await now.page.getByRole('menuitem', { name: 'Delete' }).click();
    await chat.button('Keep').click();
    expect(await titles()).toHaveLength(1);
    await chat.button('Chat options').click();
    await now.page.getByRole('menuitem', { name: 'Delete' }).click();
    await chat.button('Delete').click();
    await now.page.getByText('Your chats will appear here.').waitFor();
    await now.page.waitForURL(`${app.url}/`);
    expect(await titles()).toEqual([]);
  });

  it('finds chats using only the keyboard', async () => {
    for (const title of ['Tender of 2026', 'Lunch', 'Another TENDER'])
      await client.post(`/api/users/${user}/chats`, { title });
    await now.page.keyboard.press('Control+k');
    const field = now.page.getByRole('combobox');
    const options = now.page.getByRole('option');
    await field.fill('tender');
    await until('two are left', async () => (await options.count()) === 2);
    await field.press('ArrowDown');
    await field.press('Enter');
    await now.page.getByRole('heading', { name: 'Tender of 2026' }).waitFor();
    await now.page.keyboard.press('Control+k');
    await field.fill('.*');
    await now.page.getByText('No chat is called “.*”.').waitFor();
    await field.press('Escape');
    await field.waitFor({ state: 'hidden' });
    await now.page.keyboard.press('Control+Shift+O');
    await now.page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
  });

  it('keeps what was typed, and Shift+Enter starts a new line', async () => {
    await chat.box.fill('one');
    await chat.box.press('Shift+Enter');
    await chat.box.pressSequentially('two');
    await now.page.reload();
    expect(await chat.box.inputValue()).toBe('one\ntwo');
    await chat.box.press('Enter');
    await chat.completed();
    expect((await client.history(chat.chatId))[0].content).toBe('one\ntwo');
    expect(await chat.box.inputValue()).toBe('');
  });

  it('says so if a chat does not exist', async () => {
    now.faults.length = 0;
    await now.page.goto('/chats/00000000-0000-4000-8000-000000000000');
    await now.page.getByRole('alert').getByText('This chat does not exist').waitFor();
    await now.page.goto('/nowhere');
    await now.page.getByText('This page does not exist').waitFor();
    // The browser itself reports every 404.
    expect(now.faults.every((fault) => fault.includes('404'))).toBe(true);
    now.faults.length = 0;
  });

  it('fits a phone: the sidebar is a drawer, nothing scrolls sideways', async () => {
    const phone = await visit(browser, app.url, { user, isPhone: true });
    const small = await new ChatPage(phone.page).open();
    await small.send('What are the CSR requirements, and for whom do they hold? Please answer at length.');
    await small.completed();
    const wide = await phone.page.evaluate<number>('document.documentElement.scrollWidth');
    expect(wide).toBeLessThanOrEqual(390);
    await small.button('Open sidebar').click();
    await phone.page.getByRole('link', { name: 'Documents' }).click();
    await phone.page.getByRole('heading', { name: 'Documents' }).waitFor();
    await phone.page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(phone.faults).toEqual([]);
    await phone.context.close();
  });
});
