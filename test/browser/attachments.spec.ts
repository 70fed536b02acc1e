import { mkdir } from 'node:fs/promises';
import type { Browser, Locator } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { png } from '../support/images.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';

interface Picked {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const SHOTS = process.env['SCREENSHOTS'];

/** Files on the chat page, and questions that are changed in their place. */
describe('attachments on the chat page', () => {
  let stage: Stage;
  let browser: Browser;
  let now: Visit;
  let chat: ChatPage;

  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0', FILE_MAX_BYTES: '100000' });
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
    // What a server refuses, the browser notes by itself.
    expect(now.faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
    await now.context.close();
  });

  const notes: Picked = {
    name: 'notes.md',
    mimeType: 'text/markdown',
    buffer: Buffer.from('The code is 4711.'),
  };
  const picture: Picked = { name: 'red.png', mimeType: 'image/png', buffer: png(120) };
  const draft = (): Locator => now.page.getByRole('list', { name: 'Attached files' }).getByRole('listitem');
  const sent = (exchange = -1): Locator =>
    chat.exchanges.nth(exchange).getByRole('list', { name: 'Files of this message' });
  const pick = (...files: Picked[]): Promise<void> =>
    now.page.getByLabel('Files to attach').last().setInputFiles(files);
  const shoot = async (name: string): Promise<void> => {
    if (SHOTS === undefined) return;
    await mkdir(SHOTS, { recursive: true });
    await now.page.screenshot({ path: `${SHOTS}/${name}.png` });
  };
  /** A file that comes from outside of the page. */
  const bring = (how: 'drop' | 'paste', name: string, type: string, base64: string): Promise<void> =>
    now.page.evaluate(
      (file) => {
        const bytes = Uint8Array.from(atob(file.base64), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], file.name, { type: file.type }));
        const event =
          file.how === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
        document.querySelector('textarea')?.dispatchEvent(event);
      },
      { how, name, type, base64 },
    );
  const uploaded = (count: number): Promise<unknown> =>
    until(`${count} files are uploaded`, async () => {
      const isBusy = (await now.page.getByLabel(/^Uploading /).count()) > 0;
      return (await draft().count()) === count && !isBusy;
    });

  it('are picked, dropped and pasted, can be removed, and go with the question', async () => {
    await pick(notes, picture);
    await bring('drop', 'dropped.txt', 'text/plain', Buffer.from('dropped').toString('base64'));
    await bring('paste', 'pasted.png', 'image/png', png(60, [10, 90, 200]).toString('base64'));
    await uploaded(4);
    await chat.button('Remove dropped.txt').click();
    await uploaded(3);
    await chat.box.fill('What is the code?');
    await shoot('composer');
    await chat.box.press('Enter');
    const asked = await stage.model.next('What is the code?');
    const parts = asked.messages.at(-1)?.content as unknown as { type: string; text?: string }[];
    expect(parts.map(({ type }) => type)).toEqual(['image_url', 'image_url', 'text']);
    expect(parts.at(-1)?.text).toContain('The code is 4711.');
    asked.text('4711').finish();
    await chat.completed();
    expect(await draft().count()).toBe(0);
    await sent().getByRole('button', { name: 'Save notes.md' }).waitFor();
    await sent().getByRole('button', { name: 'Show red.png' }).waitFor();
    await now.page.reload();
    await sent().getByRole('button', { name: 'Show pasted.png' }).waitFor();
    await shoot('sent');

    const download = now.page.waitForEvent('download');
    await sent().getByRole('button', { name: 'Save notes.md' }).click();
    expect((await download).suggestedFilename()).toBe('notes.md');
    await sent().getByRole('button', { name: 'Show red.png' }).click();
    await now.page.getByRole('dialog').getByRole('img', { name: 'red.png' }).waitFor();
    await now.page.keyboard.press('Escape');
  });

  it('that the server refuses say why, and keep the message from being sent', async () => {
    await pick(
      { ...notes, buffer: Buffer.alloc(0) },
      { ...notes, name: 'large.txt', buffer: Buffer.alloc(100_001, 'x') },
    );
    const alerts = draft().getByRole('alert');
    await alerts.filter({ hasText: 'The file is empty.' }).waitFor();
    await alerts.filter({ hasText: 'at most 100000 bytes' }).waitFor();
    await chat.box.fill('And?');
    expect(await chat.button('Send').isDisabled()).toBe(true);
    await chat.box.press('Enter');
    expect(await chat.box.inputValue()).toBe('And?');
    await shoot('refused');
    await chat.button('Remove notes.md').click();
    await chat.button('Remove large.txt').click();
    await chat.box.press('Enter');
    (await stage.model.next('And?')).text('Well.').finish();
    await chat.completed();
    expect(await sent().count()).toBe(0);
  });

  it('wait in the box across a reload', async () => {
    await pick(notes, picture);
    await uploaded(2);
    await chat.box.fill('Later');
    await now.page.reload();
    await uploaded(2);
    await now.page.getByRole('img', { name: 'red.png' }).waitFor();
    await chat.box.press('Enter');
    const asked = await stage.model.next('Later');
    expect(JSON.stringify(asked.messages)).toContain('The code is 4711.');
    asked.text('Now').finish();
    await chat.completed();
  });

  describe('a question that is edited', () => {
    const ask = async (question: string, answer: string): Promise<void> => {
      await chat.send(question);
      (await stage.model.next(question)).text(answer).finish();
      await chat.says(answer);
      await chat.completed();
    };
    const form = (): Locator => now.page.getByRole('form', { name: 'Edit question' });
    const edit = async (exchange: number): Promise<Locator> => {
      const button = chat.exchanges.nth(exchange).getByRole('button', { name: 'Edit question' });
      await button.focus();
      await now.page.keyboard.press('Enter');
      const field = form().getByRole('textbox', { name: 'Question' });
      await field.waitFor();
      return field;
    };
    const versions = (exchange: number): Locator =>
      chat.exchanges.nth(exchange).getByRole('group', { name: 'Versions of this answer' });

    it('is another version in its place, by keyboard alone; Escape changes nothing', async () => {
      await ask('One', 'A1');
      await ask('Two', 'B1');
      let field = await edit(0);
      expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
      await field.fill('Something else');
      await now.page.keyboard.press('Escape');
      await form().waitFor({ state: 'hidden' });
      const button = chat.exchanges.nth(0).getByRole('button', { name: 'Edit question' });
      expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
      field = await edit(0);
      expect(await field.inputValue()).toBe('One');
      await field.fill('Uno');
      await shoot('editing');
      await now.page.keyboard.press('Enter');
      const asked = await stage.model.next('Uno');
      expect(asked.messages.slice(1).map(({ content }) => content)).toEqual(['Uno']);
      asked.text('A2').finish();
      await chat.says('A2', 0);
      await versions(0).getByText('2/2', { exact: true }).waitFor();
      expect(await chat.exchanges.count()).toBe(1);
      await versions(0).getByRole('button', { name: 'Previous version' }).click();
      await chat.says('B1', 1);
      await shoot('versions');
      await now.page.reload();
      await chat.says('A2', 0);
      await versions(0).getByText('2/2', { exact: true }).waitFor();
    });

    it('keeps its files, or has others', async () => {
      await pick(notes, picture);
      await uploaded(2);
      await ask('Look', 'Seen');
      const field = await edit(0);
      await form().getByRole('img', { name: 'red.png' }).waitFor();
      await form().getByRole('button', { name: 'Remove red.png' }).click();
      await form()
        .getByLabel('Files to attach')
        .setInputFiles({ ...notes, name: 'more.txt', buffer: Buffer.from('More.') });
      await until(
        'it is uploaded',
        async () =>
          (await form()
            .getByLabel(/^Uploading /)
            .count()) === 0,
      );
      await field.fill('Look again');
      await now.page.keyboard.press('Enter');
      const asked = await stage.model.next('Look again');
      expect(asked.question).toContain('The code is 4711.');
      expect(asked.question).toContain('More.');
      asked.text('Seen again').finish();
      await chat.says('Seen again');
      await chat.completed();
      await sent().getByRole('button', { name: 'Save more.txt' }).waitFor();
      expect(await sent().getByRole('button').count()).toBe(2);
      await versions(0).getByRole('button', { name: 'Previous version' }).click();
      await sent().getByRole('button', { name: 'Show red.png' }).waitFor();
    });

    it('while it is being answered stops that answer', async () => {
      await chat.send('Slow');
      const slow = await stage.model.next('Slow');
      slow.text('Half');
      await chat.says('Half');
      const field = await edit(0);
      await field.fill('Fast');
      await now.page.keyboard.press('Escape'); // closes the form, and stops nothing
      await form().waitFor({ state: 'hidden' });
      await chat.button('Stop').waitFor();
      await (await edit(0)).fill('Fast');
      await now.page.keyboard.press('Enter');
      await slow.hungUp;
      (await stage.model.next('Fast')).text('Whole').finish();
      await chat.says('Whole', 0);
      await versions(0).getByRole('button', { name: 'Previous version' }).click();
      await chat.says('Half', 0);
    });
  });
});
