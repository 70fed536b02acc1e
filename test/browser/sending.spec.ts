import fc from 'fast-check';
import type { Browser, Route } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { anotherTab, openBrowser, visit, type Visit } from '../support/browser.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';

/** Longer than the server takes. */
const TOO_LONG = 'x'.repeat(100_001);
/** The page stops waiting for a response after 15 s. */
const GIVING_UP_MS = 25_000;

/** What happens to a message between the box and the server. */
describe('sending', () => {
  let stage: Stage;
  let browser: Browser;
  let now: Visit;
  let chat: ChatPage;
  let users = 0;
  let user: string;

  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });
  beforeEach(async () => {
    user = `sender-${users++}`;
    now = await visit(browser, stage.app.url, { user });
    chat = await new ChatPage(now.page).open();
  });
  afterEach(async () => {
    await now.context.close();
    await stage.client.delete(`/api/users/${user}`); // ends its runs
  });

  /** Has a chat with one answer in it. */
  async function begin(text = 'Hello'): Promise<void> {
    await chat.send(text);
    (await stage.model.next(text)).text('Hello yourself').finish();
    await chat.completed();
  }
  const questions = async (chatId = chat.chatId): Promise<string[]> =>
    (await stage.client.history(chatId)).filter(({ role }) => role === 'user').map(({ content }) => content);
  const chats = async (of = user): Promise<{ chat_id: string; message_count: number }[]> =>
    (await stage.client.get(`/api/users/${of}/chats`)).body.items;
  const isPost = (route: Route): boolean => route.request().method() === 'POST';
  /** The `Idempotency-Key` of every message that the page sends from now on. */
  function keysSent(): Set<string | undefined> {
    const keys = new Set<string | undefined>();
    now.page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/messages'))
        keys.add(request.headers()['idempotency-key']);
    });
    return keys;
  }

  describe('while a new chat is being created', () => {
    const KEYS = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'Enter'), { maxLength: 20 });
    /** After how many keys each request proceeds. */
    const DELAYS = fc.record({ chats: fc.nat(22), messages: fc.nat(22), lists: fc.nat(22) });

    it('loses and splits nothing that is typed', async () => {
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(KEYS, DELAYS, async (more, delays) => {
          const keys = ['a', 'Enter', ...more];
          const own = `typist-${runs++}`;
          const { context, page } = await visit(browser, stage.app.url, { user: own });
          let typed = 0;
          await context.route('**/api/**', async (route) => {
            const { pathname } = new URL(route.request().url());
            const isList = pathname.endsWith('/messages') && !isPost(route);
            const kind = isList ? 'lists' : pathname.endsWith('/chats') ? 'chats' : 'messages';
            await until('enough was typed', () => typed > delays[kind]);
            await route.continue();
          });
          const { box } = await new ChatPage(page).open();
          await box.focus();
          for (const key of keys) {
            await page.keyboard.press(key);
            typed++;
          }
          typed = Infinity;
          const texts = keys.map((key) => (key === 'Enter' ? '\n' : key)).join('');
          const lines = texts.split('\n');
          const rest = lines.pop();
          const sent = lines.filter((line) => line !== '');
          const made = await until('the chat is made', async () => (await chats(own))[0]);
          await page.waitForURL(`**/chats/${made.chat_id}`);
          await until('all is sent', async () => (await questions(made.chat_id)).length >= sent.length);
          expect(await questions(made.chat_id)).toEqual(sent);
          expect(await box.inputValue()).toBe(rest);
          expect(await chats(own)).toHaveLength(1);
          await page.reload();
          expect(await box.inputValue()).toBe(rest);
          await context.close();
          await stage.client.delete(`/api/users/${own}`);
        }),
        { numRuns: 10 },
      );
    }, 240_000);

    it('keeps what is written if it cannot be created, and creates one chat from it', async () => {
      let isDown = true;
      await now.page.route('**/chats', async (route) => {
        if (!isPost(route) || !isDown) return route.continue();
        await route.fetch(); // it is created; nobody learns of it
        return route.abort();
      });
      await chat.send('Is anybody there?');
      const again = chat.button('Send again');
      await again.waitFor({ timeout: GIVING_UP_MS });
      await chat.box.fill('And this');
      isDown = false;
      await again.click();
      await stage.model.next('Is anybody there?');
      expect(await chat.box.inputValue()).toBe('And this');
      expect(await chats()).toHaveLength(1);
      expect(await questions()).toEqual(['Is anybody there?']);
    }, 60_000);

    it('continues when the page is reloaded meanwhile', async () => {
      let reloads = 0;
      await now.page.route('**/chats', async (route) => {
        if (!isPost(route) || reloads > 0) return route.continue();
        await route.fetch();
        reloads++;
        await now.page.reload(); // before the answer
      });
      await chat.send('Do you remember?');
      await stage.model.next('Do you remember?');
      await now.page.waitForURL('**/chats/*');
      expect(await chats()).toHaveLength(1);
      expect(await questions()).toEqual(['Do you remember?']);
    });
  });

  describe('a message without a response', () => {
    it('is there after a reload, and is sent once', async () => {
      await begin();
      const keys = keysSent();
      let attempts = 0;
      let isDown = true;
      await now.page.route('**/messages', async (route) => {
        if (!isDown || !isPost(route)) return route.continue();
        if (attempts++ === 0) await route.fetch(); // it arrives; the response does not
        return route.abort();
      });
      await chat.send('Lost on the way');
      await chat.button('Send again').waitFor({ timeout: GIVING_UP_MS });
      await now.page.reload();
      await now.page.getByRole('alert').getByText('Not sent.').waitFor();
      isDown = false;
      await chat.button('Send again').click();
      (await stage.model.next('Lost on the way')).text('Found').finish();
      await chat.says('Found');
      expect(await now.page.getByText('Not sent.').count()).toBe(0);
      expect(await questions()).toEqual(['Hello', 'Lost on the way']);
      expect(keys.size).toBe(1);
      await now.page.reload();
      await chat.says('Found');
      expect(await chat.exchanges.count()).toBe(2);
    }, 60_000);

    it('is resent by itself if the page was reloaded while sending', async () => {
      await begin();
      const keys = keysSent();
      let isDown = true;
      await now.page.route('**/messages', async (route) => {
        if (!isDown || !isPost(route)) return route.continue();
        isDown = false;
        await route.fetch();
        await now.page.reload();
      });
      await chat.send('On its way');
      (await stage.model.next('On its way')).text('Here').finish();
      await chat.says('Here');
      await until('it is confirmed', async () => (await now.page.getByText('Sending…').count()) === 0);
      expect(await questions()).toEqual(['Hello', 'On its way']);
      expect(keys.size).toBe(1);
    });

    it('is shown in the other tabs of its chat, until it has arrived', async () => {
      await begin();
      let isDown = true;
      await now.context.route('**/messages', (route) =>
        isDown && isPost(route) ? route.abort() : route.continue(),
      );
      const { page } = await anotherTab(now.context);
      const other = await new ChatPage(page).open(now.page.url());
      await chat.send('Both see it');
      await other.button('Send again').waitFor({ timeout: GIVING_UP_MS });
      isDown = false;
      await other.button('Send again').click();
      (await stage.model.next('Both see it')).text('Seen').finish();
      await chat.says('Seen');
      await chat.page.getByText('Not sent.').waitFor({ state: 'detached' });
      expect(await questions()).toEqual(['Hello', 'Both see it']);
    }, 60_000);
  });

  it('returns a rejected message for editing, and loses nothing that is in the box', async () => {
    await begin();
    await chat.send(TOO_LONG);
    const alert = now.page.getByRole('alert').filter({ hasText: 'Not sent.' });
    await alert.waitFor();
    expect(await alert.getByRole('button').allTextContents()).toEqual(['Edit', 'Discard']);
    await chat.box.fill('written since');
    await alert.getByRole('button', { name: 'Edit' }).click();
    expect(await chat.box.inputValue()).toBe(`${TOO_LONG}\n\nwritten since`);
    expect(await now.page.evaluate('document.activeElement.ariaLabel')).toBe('Message');
    await alert.waitFor({ state: 'detached' });
    await chat.send('Shorter');
    await stage.model.next('Shorter');
    expect(await questions()).toEqual(['Hello', 'Shorter']);
  });

  it('keeps the order of messages, even if the first one takes long', async () => {
    await begin();
    let held: Route | undefined;
    await now.page.route('**/messages', async (route) => {
      if (isPost(route) && route.request().postData()?.includes('First')) held = route;
      else await route.continue();
    });
    await chat.send('First');
    await chat.send('Second');
    await (await until('it is on its way', () => held)).continue();
    await until('both are there', async () => (await questions()).length === 3);
    expect(await questions()).toEqual(['Hello', 'First', 'Second']);
  });

  it('says so if the server does not answer', async () => {
    await chat.send('Slow');
    (await stage.model.next('Slow')).text('Going on');
    await chat.says('Going on');
    await now.page.route('**/*', (route) => (isPost(route) ? undefined : route.continue()));
    await chat.send('And more');
    await now.page.keyboard.press('Escape');
    const words = 'The server did not answer within 15 s.';
    await now.page.getByText(`Not sent. ${words}`).waitFor({ timeout: GIVING_UP_MS });
    await now.page.getByText('The run could not be stopped').waitFor();
    expect(await now.page.getByText(words).count()).toBe(2);
    await chat.button('Send again').waitFor();
  }, 60_000);

  describe('a chat that was deleted', () => {
    const gone = (): Promise<void> =>
      now.page.getByRole('heading', { name: 'This chat was deleted' }).waitFor();

    async function expectLeft(): Promise<void> {
      expect(await chat.box.count()).toBe(0);
      expect(await chat.button('Stop').count()).toBe(0);
      await now.page.getByRole('link', { name: 'Start a new chat' }).click();
      await now.page.waitForURL(`${stage.app.url}/`);
    }

    it('in another tab, while it answers: says so', async () => {
      await chat.send('Long');
      (await stage.model.next('Long')).text('Going on');
      await chat.says('Going on');
      await chat.box.fill('half a thought');
      const other = await new ChatPage((await anotherTab(now.context)).page).open(now.page.url());
      await other.button('Chat options').click();
      await other.page.getByRole('menuitem', { name: 'Delete' }).click();
      await other.button('Delete').click();
      await gone();
      await expectLeft();
      expect(await chat.box.inputValue()).toBe('half a thought');
    });

    it('elsewhere, while it answers: says so', async () => {
      await chat.send('Longer');
      (await stage.model.next('Longer')).text('Going on');
      await chat.says('Going on');
      await stage.client.delete(`/api/chats/${chat.chatId}`);
      await gone();
      await expectLeft();
    });

    it('elsewhere, unseen: says so at the next message, whose text goes to a new chat', async () => {
      await begin();
      const address = `/api/chats/${chat.chatId}`;
      const known = (await stage.client.get(address)).body;
      let sent = false;
      await now.page.route(`**${address}{,/messages}`, async (route) => {
        sent ||= isPost(route);
        await (sent || !route.request().url().endsWith(address)
          ? route.continue()
          : route.fulfill({ json: known }));
      });
      await stage.client.delete(address);
      await chat.send('Are you there?');
      await gone();
      expect(await chat.button('Send again').count()).toBe(0);
      await chat.button('Edit').click();
      await now.page.waitForURL(`${stage.app.url}/`);
      expect(await chat.box.inputValue()).toBe('Are you there?');
    });
  });

  describe('a key for an input method', () => {
    /** Keys as Safari reports them: the end of the composition first, and then the key that ended it. */
    const SAFARI = (key: string, keyCode: number): string => `(() => {
      const field = document.activeElement;
      field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
      field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '変換' }));
      field.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', keyCode: ${keyCode}, bubbles: true, cancelable: true }));
      field.dispatchEvent(new KeyboardEvent('keyup', { key: '${key}', keyCode: ${keyCode}, bubbles: true }));
    })()`;

    it.each([
      ['its code', 229],
      ['its moment', 13],
    ])('is recognised by %s, and sends nothing', async (_what, code) => {
      await chat.box.fill('変換');
      await now.page.evaluate(SAFARI('Enter', code));
      expect(await chat.box.inputValue()).toBe('変換');
      await chat.box.press('Enter'); // the next one does
      await stage.model.next('変換');
    });

    it('sends nothing in the middle of a real composition', async () => {
      const devtools = await now.context.newCDPSession(now.page);
      await chat.box.focus();
      await devtools.send('Input.imeSetComposition', {
        text: 'へんかん',
        selectionStart: 4,
        selectionEnd: 4,
      });
      await chat.box.press('Enter');
      expect(await chats()).toEqual([]);
      await devtools.send('Input.insertText', { text: '変換' });
      await until('it is there', async () => (await chat.box.inputValue()).includes('変換'));
    });

    it('neither stops a run nor opens a chat', async () => {
      await chat.send('Go on');
      (await stage.model.next('Go on')).text('Going on');
      await chat.says('Going on');
      await chat.box.focus();
      await now.page.evaluate(SAFARI('Escape', 229));
      await now.page.keyboard.press('Control+k');
      const field = now.page.getByRole('combobox');
      await field.fill('Go');
      await now.page.getByRole('option', { name: 'Go on' }).waitFor();
      await now.page.evaluate(SAFARI('Enter', 229));
      expect(await field.count()).toBe(1);
      const [question] = await stage.client.history(chat.chatId);
      expect((await stage.client.message(question.message_id)).run.cancel_requested).toBe(false);
    });
  });
});
