import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { openBrowser } from '../support/browser.js';
import { Client } from '../support/client.js';
import { servePage } from '../support/serve-page.js';

const EXAMPLES = new URL('../../libs/client/examples/', import.meta.url);
const QUESTION = 'What must a supplier do about working conditions?';

describe('the examples', () => {
  let app: TestApp;
  let browser: Browser;
  beforeAll(async () => {
    app = await startTestApp({ CORS_ORIGINS: '*', STREAM_RETRY_MS: '20' });
    const content = '# CSR\n\nA supplier must keep to the ILO conventions on working conditions.';
    await new Client(app.url).post('/api/documents', { title: 'CSR', content });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.destroy();
  });

  /** The only answer in the chat that the example has created. */
  async function savedAnswer(): Promise<string> {
    const client = new Client(app.url);
    const { body } = await client.get('/api/users/example/chats?page_size=1');
    const [, answer] = await client.history(body.items[0].chat_id as string);
    expect(answer.content).toContain('ILO');
    return answer.content as string;
  }

  it.each(['eventsource.html', 'onmessage.html'])('%s shows the whole answer', async (name) => {
    const example = await servePage(new URL(name, EXAMPLES));
    const page = await browser.newPage();
    try {
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(String(error)));

      const stopped = page.waitForResponse((response) => response.status() === 204);
      stopped.catch(() => undefined); // a client with `onmessage` closes by itself
      await page.goto(`${example.url}/${name}?server=${encodeURIComponent(app.url)}`);
      await page.fill('[name=question]', QUESTION);
      await page.click('button');
      await page.getByText(/^completed/).waitFor();
      expect(await page.locator('#answer').textContent()).toBe(await savedAnswer());
      expect(faults).toEqual([]);
      if (name === 'onmessage.html') return;
      expect(await page.locator('#tools li').count()).toBeGreaterThan(0);
      await stopped; // an EventSource reconnects until it is told that nothing more will come
    } finally {
      await page.close();
      await example.stop();
    }
  });

  it('node.mjs prints the whole answer', async () => {
    const script = fileURLToPath(new URL('node.mjs', EXAMPLES));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, app.url, QUESTION]);
    expect(stderr).toBe('');
    expect(stdout).toContain(await savedAnswer());
    expect(stdout).toMatch(/→ search_tender_corpus[^]*completed after \d+ ms\n$/);
  });
});
