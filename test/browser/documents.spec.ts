import type { Browser, Locator, Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { Client } from '../support/client.js';
import { pdf } from '../support/pdf.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';

interface File {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const file = (name: string, content: string | Buffer): File => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
});

describe('the documents page', () => {
  let app: TestApp;
  let client: Client;
  let browser: Browser;
  let now: Visit;
  let page: Page;

  beforeAll(async () => {
    app = await startTestApp({ DOCUMENT_MAX_CHARS: '5000', BODY_MAX_BYTES: '20000' });
    client = new Client(app.url);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.destroy();
  });
  beforeEach(async () => {
    now = await visit(browser, app.url);
    page = now.page;
    await page.goto('/documents');
    await page.getByRole('heading', { name: 'Documents', exact: true }).waitFor();
  });
  afterEach(() => now.context.close());

  const add = (...files: File[]): Promise<void> => page.locator('input[type=file]').setInputFiles(files);
  const upload = (name: string): Locator =>
    page.getByRole('region', { name: 'Uploads' }).getByRole('listitem').filter({ hasText: name });
  const row = (title: string): Locator =>
    page.getByRole('list', { name: 'Documents' }).getByRole('listitem').filter({ hasText: title });
  const stored = async (title: string): Promise<any[]> => {
    const { items } = (await client.get(`/api/documents?search=${encodeURIComponent(title)}`)).body;
    return Promise.all(
      items.map(async (item: any) => (await client.get(`/api/documents/${item.document_id}`)).body),
    );
  };

  it('adds text, Markdown and PDF, and answers find them', async () => {
    await add(
      file('Notes.txt', '\ufeffPlain notes about æøå.\n'),
      file('Guide.md', '# Guide\n\nIn Markdown.\n'),
      file('Utf16.txt', Buffer.from('\ufeffSixteen bits', 'utf16le')),
      file(
        'Annex (E).pdf',
        pdf(['The supplier shall follow\nthe ILO conventions.', '', 'Page three: zebrafish.']),
      ),
    );
    for (const name of ['Notes', 'Guide', 'Utf16', 'Annex']) await upload(name).getByText('Added').waitFor();
    expect((await stored('Notes'))[0].content).toBe('Plain notes about æøå.\n');
    expect((await stored('Utf16'))[0].content).toBe('Sixteen bits');
    const [annex] = await stored('Annex (E)');
    expect(annex.content).toBe(
      '## Page 1\n\nThe supplier shall follow\nthe ILO conventions.\n\n## Page 3\n\nPage three: zebrafish.',
    );
    expect(annex.metadata).toEqual({ source: 'upload', file: 'Annex (E).pdf' });
    await row('Annex (E)').getByRole('button').first().click();
    await page.getByRole('dialog', { name: 'Annex (E)' }).getByText('zebrafish').waitFor();
    const chat = await new ChatPage(page).open();
    await chat.send('What about the zebrafish?');
    await chat.completed();
    expect(await page.getByRole('list', { name: 'Sources' }).textContent()).toContain('Page 3');
    expect(now.faults).toEqual([]);
  });

  it('reads a PDF whose font names its characters only by an East Asian map', async () => {
    const text = '供应商必须每年报告。\n合同要求';
    await add(file('Chinese.pdf', pdf([text], { isChinese: true })));
    await upload('Chinese').getByText('Added').waitFor();
    expect((await stored('Chinese'))[0].content).toBe(text);
    expect(now.faults).toEqual([]);
  });

  it('says for each file why it cannot be added, and adds the others', async () => {
    await add(
      file('Empty.txt', ''),
      file('Picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe, 0x00])),
      file('Zeros.txt', 'a\0b'),
      file('Broken.pdf', '%PDF-1.4\nthis is no PDF'),
      file('Locked.pdf', pdf(['Secret'], { isEncrypted: true })),
      file('Scan.pdf', pdf(['', ''])),
      file('Nine.pdf', '123456789'),
      file('Letter.docx', 'PK, so it seems'),
      file('Long.txt', 'x'.repeat(6000)),
      file('Huge.txt', 'x'.repeat(30_000)),
      file('Good.txt', 'Good.'),
    );
    const reasons = {
      Empty: 'The file is empty.',
      Picture: '“.png” files cannot be read here',
      Zeros: 'This is not a text file.',
      Broken: 'This PDF is damaged',
      Locked: 'This PDF is encrypted.',
      Scan: 'no text (a scan)',
      Nine: 'does not contain one',
      Letter: '“.docx” files cannot be read here',
      Long: 'must be at most 5000 characters long',
      Huge: 'The text is too long for this server.',
    };
    for (const [name, reason] of Object.entries(reasons)) {
      const item = upload(`${name}.`);
      await item.getByText('Not added').waitFor();
      expect(await item.textContent()).toContain(reason);
      expect(await item.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    }
    await upload('Good.txt').getByText('Added').waitFor();
    expect(await stored('Huge')).toEqual([]);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('region', { name: 'Uploads' }).waitFor({ state: 'hidden' });
  });

  it('does not add the same document twice unless told to', async () => {
    await add(file('Twin.txt', 'The same.'));
    await upload('Twin').getByText('Added').waitFor();
    await add(file('Twin.txt', 'The same.'));
    const again = upload('Twin').getByRole('button', { name: 'Add anyway' });
    await again.waitFor();
    expect(await stored('Twin')).toHaveLength(1);
    await again.click();
    await until('both are there', async () => (await stored('Twin')).length === 2);
  });

  it('filters by title, and deletes after confirmation', async () => {
    for (const title of ['Alpha one', 'Alpha two', 'Beta'])
      await client.post('/api/documents', { title, content: 'x' });
    await page.reload();
    await row('Beta').waitFor();
    await page.getByRole('textbox', { name: 'Filter by title' }).fill('ALPHA');
    await row('Beta').waitFor({ state: 'hidden' });
    expect(await row('Alpha').count()).toBe(2);
    await page.getByRole('button', { name: 'Delete Alpha one' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await row('Alpha one').waitFor({ state: 'hidden' });
    expect(await stored('Alpha')).toHaveLength(1);
    await page.getByRole('textbox', { name: 'Filter by title' }).fill('nothing like that');
    await page.getByText('No title contains “nothing like that”.').waitFor();
  });
});
