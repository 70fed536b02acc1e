import type { Browser } from 'playwright-core';
import { sharedToken, type TokenOptions } from '../auth/identity-provider.js';
import { AuthStage, SECRET } from '../auth/stage.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { ChatPage } from './chat-page.js';

const LOGIN = 'https://login.example/?to="<chat>"&x=1';

describe('the page of a server that knows its users', () => {
  let stage: AuthStage;
  let browser: Browser;
  beforeAll(async () => {
    stage = await AuthStage.start({ AUTH_LOGIN_URL: LOGIN });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await stage.stop();
  });

  const visits: Visit[] = [];
  afterEach(async () => {
    for (const { context } of visits.splice(0)) await context.close();
  });

  async function as(sub: string | null, options?: TokenOptions): Promise<Visit> {
    const opened = await visit(browser, stage.app.url);
    visits.push(opened);
    if (sub !== null) await signIn(opened, sub, options);
    return opened;
  }

  async function signIn({ context }: Visit, sub: string, options?: TokenOptions): Promise<void> {
    const value = await sharedToken(SECRET, sub, options);
    const cookie = { name: 'reprise_session', value, url: stage.app.url, httpOnly: true };
    await context.addCookies([{ ...cookie, sameSite: 'Lax' }]);
  }

  it('belongs to whom the cookie names, whatever the browser has stored', async () => {
    const alice = await as('alice');
    await alice.context.addInitScript(`localStorage.setItem('reprise.user', 'mallory')`);
    const chat = await new ChatPage(alice.page).open();
    await chat.send('Mine?');
    (await stage.model.next('Mine?')).text('Yours alone.').finish();
    await chat.says('Yours alone.');
    const { body } = await stage.client.get('/api/users/alice/chats', await stage.as('alice'));
    expect(body.items.map(({ chat_id }: any) => chat_id)).toEqual([chat.chatId]);
    expect(alice.faults).toEqual([]);

    const bob = await as('bob');
    await bob.page.goto(`/chats/${chat.chatId}`);
    await bob.page
      .getByText(/does not exist|no longer exists|not found|no chat/i)
      .first()
      .waitFor();
    expect(await bob.page.content()).not.toContain('Yours alone.');
  });

  it('tells those who are not signed in where to do so, and opens when they have', async () => {
    const nobody = await as(null);
    await nobody.page.goto('/');
    await nobody.page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    const link = nobody.page.getByRole('link', { name: 'Sign in' });
    expect(await link.getAttribute('href')).toBe(LOGIN);
    await signIn(nobody, 'carol');
    await nobody.page.getByRole('button', { name: 'Reload' }).click();
    await new ChatPage(nobody.page).box.waitFor();
  });

  it('goes on with a new cookie when the old one expires during an answer', async () => {
    const dora = await as('dora');
    const chat = await new ChatPage(dora.page).open();
    await signIn(dora, 'dora', { expiresIn: 3 });
    await chat.send('Long?');
    const answer = (await stage.model.next('Long?')).text('Before. ');
    await chat.says('Before.');
    const reopened = dora.page.waitForRequest(/\/stream/);
    await signIn(dora, 'dora'); // as the application around the page does
    await reopened;
    answer.text('After.').finish();
    await chat.says('Before. After.');
  });
});
