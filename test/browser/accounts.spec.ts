import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { AccountStage, ADMIN, PASSWORD } from '../auth/accounts-stage.js';
import { anotherTab, openBrowser, visit, type Visit } from '../support/browser.js';
import { ChatPage } from './chat-page.js';

/** A person would see what a test takes pictures of: `PICTURES=folder`. */
const PICTURES = process.env['PICTURES'];

describe('the page of a server with accounts', () => {
  let stage: AccountStage;
  let browser: Browser;
  let axe: string;
  let root: Visit;
  let alice: Visit;
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    stage = await AccountStage.start();
    browser = await openBrowser();
    [root, alice] = [await visit(browser, stage.app.url), await visit(browser, stage.app.url)];
  });
  afterAll(async () => {
    await browser.close();
    await stage.stop();
  });

  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

  async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
    await page.getByLabel('Email address').fill(email);
    await page.locator('input[autocomplete$=password]').fill(password);
    await page.keyboard.press('Enter');
  }

  /** Fails with every serious fault, in both themes. */
  async function expectGood(page: Page, name: string): Promise<void> {
    await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      const { violations } = await page.evaluate<AxeResults>('axe.run()');
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await picture(page, `${name}-${colorScheme}`);
    }
    const size = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    const isTooWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
    expect([name, isTooWide]).toEqual([name, false]);
    await picture(page, `${name}-phone`);
    if (size) await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme: 'light' });
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }

  it('lets the operator set it up with the link of the console', async () => {
    const { page } = root;
    await page.goto(`/join#${await stage.setUpLink()}`);
    await page.getByRole('heading', { name: 'Set up this server' }).waitFor();
    await expectGood(page, 'set-up');
    await page.getByLabel('Name').fill('Root');
    await signIn(page, ADMIN, 'short');
    expect(await page.evaluate<boolean>("document.querySelector('form').checkValidity()")).toBe(false);
    await signIn(page, ADMIN);
    await new ChatPage(page).box.waitFor();
    expect(await page.evaluate<string>('location.href')).toBe(`${stage.app.url}/`);
    // Nobody was signed in when the page asked.
    expect(root.faults.filter((fault) => !fault.includes('401'))).toEqual([]);
  });

  it('says that a link does not work', async () => {
    const { page } = alice;
    await page.goto('/join#rpl_nothing');
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('Ask an administrator');
    await expectGood(page, 'bad-link');
  });

  it('lets an administrator invite people, who join', async () => {
    const { page } = root;
    await button(page, 'Account of Root').click();
    await page.getByRole('menuitem', { name: 'People' }).click();
    await page.getByLabel('Email address').fill('alice@company.com');
    await button(page, 'Make a link').click();
    const link = await page.getByRole('status', { name: 'Invitation' }).locator('code').textContent();
    await page.getByRole('list', { name: 'Invitations' }).getByText('alice@company.com').waitFor();
    await expectGood(page, 'people');

    await alice.page.goto(link ?? '');
    await alice.page.reload(); // only the part behind "#" was new
    await alice.page.getByText('You are invited as alice@company.com').waitFor();
    await expectGood(alice.page, 'invited');
    await alice.page.getByLabel('Name').fill('Alice');
    await alice.page.locator('input[autocomplete$=password]').fill(PASSWORD);
    await button(alice.page, 'Join').click();
    await new ChatPage(alice.page).box.waitFor();
    expect(await alice.page.getByRole('menuitem', { name: 'People' }).count()).toBe(0);
    await alice.page.goto('/admin/people');
    await alice.page.getByText('This page does not exist').waitFor();
  });

  it('shows nobody what is anothers', async () => {
    const chat = await new ChatPage(alice.page).open();
    await chat.send('Only mine?');
    (await stage.model.next('Only mine?')).text('Yours alone.').finish();
    await chat.says('Yours alone.');
    const bob = await visit(browser, stage.app.url);
    const admin = stage.person(await stage.login(ADMIN));
    await bob.page.goto(`/join#${await stage.invite(admin, 'bob@company.com')}`);
    await bob.page.getByLabel('Name').fill('Bob');
    await bob.page.locator('input[autocomplete$=password]').fill(PASSWORD);
    await button(bob.page, 'Join').click();
    await new ChatPage(bob.page).box.waitFor();
    expect(await bob.page.content()).not.toContain('Only mine?');
    await bob.page.goto(`/chats/${chat.chatId}`);
    await bob.page
      .getByText(/does not exist|no longer exists|not found|no chat/i)
      .first()
      .waitFor();
    expect(await bob.page.content()).not.toContain('Yours alone.');
    await bob.context.close();
  });

  it('creates and withdraws personal tokens', async () => {
    const { page } = alice;
    await page.goto('/');
    await button(page, 'Account of Alice').click();
    await page.getByRole('menuitem', { name: 'Account and tokens' }).click();
    await page.getByLabel('Name').fill('Nightly report');
    await button(page, 'Create').click();
    const text = (await page.getByRole('status', { name: 'New token' }).locator('code').textContent()) ?? '';
    const status = async (): Promise<number> =>
      (await stage.client.get('/api/session', { authorization: `Bearer ${text}` })).status;
    expect(await status()).toBe(200);
    await expectGood(page, 'account');
    await button(page, 'Withdraw Nightly report').click();
    await button(page.getByRole('dialog') as unknown as Page, 'Withdraw').click();
    await page.getByRole('list', { name: 'Personal tokens' }).waitFor({ state: 'detached' });
    expect(await status()).toBe(401);
  });

  it('signs out in all tabs: their streams end, and they say so', async () => {
    const chat = await new ChatPage(alice.page).open();
    await chat.send('Long?');
    const answer = (await stage.model.next('Long?')).text('Begun. ');
    await chat.says('Begun.');
    const other = await anotherTab(alice.context);
    await other.page.goto('/');
    await button(other.page, 'Account of Alice').click();
    await other.page.getByRole('menuitem', { name: 'Sign out' }).click();
    for (const { page } of [other, alice]) {
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await page.content()).not.toContain('Begun.');
    }
    answer.finish();
    await expectGood(other.page, 'sign-in');
  });

  it('signs in again, by keyboard alone, and goes where the person wanted to', async () => {
    const { page } = await anotherTab(alice.context);
    await page.goto('/documents');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.keyboard.type('alice@company.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('do not belong together').waitFor();
    await picture(page, 'wrong');
    await page.locator('input[autocomplete$=password]').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Documents', exact: true }).waitFor();
  });
});
