import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { sharedToken } from '../auth/identity-provider.js';
import { AuthStage, SECRET } from '../auth/stage.js';
import { openBrowser, visit, type Visit, type VisitOptions } from '../support/browser.js';
import { openDatabase } from '../support/client.js';
import { startTestApp } from '../support/app.js';

const SECTIONS = ['runs', 'usage', 'health', 'audit', 'users'];
const LONG = 'a-user-with-a-very-long-name-that-does-not-fit-anywhere@department.company.example.com';

describe('the page of administrators', () => {
  let stage: AuthStage;
  let browser: Browser;
  let axe: string;
  let answered: string;
  const visits: Visit[] = [];
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    stage = await AuthStage.start({ MODEL_RETRIES: '0' });
    browser = await openBrowser();
    answered = (await ask('alice', 'What is it?', 'Private words.')).message_id;
    await ask(LONG, 'And this?', 'More private words.');
    const database = await openDatabase(stage.app);
    await database.connection
      .collection('messages')
      .updateMany({ role: 'user' }, { $set: { 'run.cost': { currency: 'USD', amount: 0.0123 } } });
    await database.close();
    await stage.client.post('/api/users/alice/tokens', { name: 'n' }, await stage.as('alice'));
  });
  afterEach(async () => {
    for (const { context } of visits.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser.close();
    await stage.stop();
  });

  async function ask(user: string, question: string, answer: string): Promise<{ message_id: string }> {
    const headers = await stage.as(user);
    await stage.client.get(`/api/users/${user}`, headers);
    const asked = await stage.ask(user, headers, question);
    (await stage.model.next(question)).text(answer).finish();
    const path = `/api/chats/${asked.chat_id}/messages/${asked.message_id}/stream`;
    await stage.client.get(path, headers);
    return asked;
  }

  async function as(sub: string, scope: string, options?: VisitOptions): Promise<Visit> {
    const opened = await visit(browser, stage.app.url, options);
    visits.push(opened);
    const value = await sharedToken(SECRET, sub, { claims: { scope } });
    const cookie = { name: 'reprise_session', value, url: stage.app.url, httpOnly: true };
    await opened.context.addCookies([{ ...cookie, sameSite: 'Lax' }]);
    return opened;
  }

  async function seriousFaults(page: Page): Promise<unknown[]> {
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  }

  const ready = (page: Page): Promise<void> =>
    page.locator('table tbody tr, ul[aria-label=Findings] li').first().waitFor();

  it('lists runs without their words, finds them, and leads to their logs', async () => {
    const { page, faults } = await as('root', 'admin');
    await page.goto('/');
    await page.getByRole('link', { name: 'Administration' }).click();
    await ready(page);
    expect(await page.locator('tbody tr').count()).toBe(2);
    expect(await page.content()).not.toMatch(/Private words|What is it/);
    await page.getByLabel('User', { exact: true }).fill('alice');
    await page.locator('tbody tr').nth(1).waitFor({ state: 'detached' });
    expect(page.url()).toContain('user=alice');
    expect(await page.locator('tbody').textContent()).toContain('completed');
    await page.locator('tbody a').first().click();
    await page.waitForURL(`**/debug/${answered}`);
    await page.getByText('Private words.').first().waitFor();
    expect(faults).toEqual([]);
    const seen = await stage.client.get(
      '/api/admin/audit?action=admin_viewed&user=alice',
      await stage.as('root', { claims: { scope: 'admin' } }),
    );
    expect(seen.body.items[0]).toMatchObject({ object: { kind: 'message', id: answered } });
  });

  it('adds up what was used, with bars, by day and by user', async () => {
    const { page } = await as('root', 'admin');
    await page.goto('/admin/usage');
    await ready(page);
    expect(await page.locator('tbody tr').last().textContent()).toContain('0.02 USD');
    await page.getByLabel('By', { exact: true }).selectOption('User');
    await page.getByRole('rowheader', { name: 'alice' }).waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(3);
  });

  it('says that nothing was found, and what is wrong with a filter', async () => {
    const { page } = await as('root', 'admin');
    await page.goto('/admin/runs?user=nobody');
    await page.getByText('Nothing found.').waitFor();
    await page.goto('/admin/runs?slower_than=-5');
    await page
      .getByRole('alert')
      .getByText(/slower_than/)
      .waitFor();
    await page.goto('/admin/nothing');
    await page
      .getByText(/not found|no page|does not exist/i)
      .first()
      .waitFor();
  });

  it.each(SECTIONS)(
    '%s has no serious fault, in both themes, nor is anything cut off on a phone',
    async (name) => {
      for (const options of [{}, { theme: 'dark' }, { isPhone: true }] as const) {
        const { page, faults } = await as('root', 'admin', options);
        await page.goto(`/admin/${name}`);
        await ready(page);
        expect([name, options, await seriousFaults(page)]).toEqual([name, options, []]);
        const width = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
        expect((width as [number, number])[0]).toBeLessThanOrEqual((width as [number, number])[1]);
        expect(faults).toEqual([]);
        const folder = process.env['SCREENSHOTS'];
        if (folder !== undefined)
          await page.screenshot({
            path: `${folder}/${name}-${Object.values(options).join('') || 'light'}.png`,
          });
      }
    },
  );

  it('shows nothing to others but a sentence, and asks the server for nothing', async () => {
    const { page, faults } = await as('alice', 'read');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto('/admin/users');
    await page.getByText('Only administrators see this page').waitFor();
    expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
    expect(asked.filter((url) => url.includes('/api/admin/'))).toEqual([]);
    expect(await seriousFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('is open to whoever reaches a server without a login', async () => {
    const app = await startTestApp();
    const opened = await visit(browser, app.url);
    visits.push(opened);
    try {
      await opened.page.goto('/admin/health');
      await ready(opened.page);
      expect(opened.faults).toEqual([]);
    } finally {
      await app.destroy();
    }
  });
});
