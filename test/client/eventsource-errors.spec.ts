import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { openBrowser } from '../support/browser.js';
import { Client } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { servePage } from '../support/serve-page.js';
import { until } from '../support/until.js';

const EXAMPLE = new URL('../../libs/client/examples/eventsource.html', import.meta.url);

/** Records every event that reaches a listener for `error`, and what `onmessage` receives. */
const PAGE = `<!doctype html><script>
  const stream = new EventSource(decodeURIComponent(location.search.slice(1)));
  window.errors = [];
  window.messages = [];
  stream.onerror = (event) =>
    errors.push({
      hasData: 'data' in event,
      isMessage: event instanceof MessageEvent,
      code: 'data' in event ? JSON.parse(event.data).code : null,
      state: stream.readyState,
    });
  stream.onmessage = ({ data }) => messages.push(JSON.parse(data).type);
</script>`;

const OF_LINE = { hasData: false, isMessage: false, code: null };

describe('PROTOCOL 2.9: what a browser brings to the listeners for `error`', () => {
  let model: ScriptedModel;
  let app: TestApp;
  let browser: Browser;
  beforeAll(async () => {
    model = await ScriptedModel.start();
    app = await startTestApp({ ...model.env, CORS_ORIGINS: '*', STREAM_RETRY_MS: '20' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.destroy();
    await model.stop();
  });

  /** What a page has recorded about a failing run once its EventSource has stopped. */
  async function notesOf(query: string): Promise<{ errors: any[]; messages: string[]; code: string }> {
    const client = new Client(app.url);
    const created = await client.send(await client.newChat(), 'fails');
    (await model.next('fails')).fail(400);
    const error = (await client.ended(created)).find(({ type }) => type === 'error');
    const site = await servePage(PAGE);
    const page = await browser.newPage();
    try {
      await page.goto(`${site.url}/?${encodeURIComponent(app.url + created.stream_url + query)}`);
      const errors = (): Promise<any[]> => page.evaluate('errors');
      await until('it has stopped', async () => (await errors()).at(-1)?.state === 2);
      const messages: string[] = await page.evaluate('messages');
      return { errors: await errors(), messages, code: (error as { code: string }).code };
    } finally {
      await page.close();
      await site.stop();
    }
  }

  it("the log's own, with data, and connection errors, without", async () => {
    const { errors, messages, code } = await notesOf('');
    expect(errors).toEqual([
      { hasData: true, isMessage: true, code, state: 1 },
      { ...OF_LINE, state: 0 }, // the stream has ended
      { ...OF_LINE, state: 2 }, // 204
    ]);
    expect(messages).toEqual([]);
  });

  it('with dialect=v1-unnamed only connection errors', async () => {
    const { errors, messages } = await notesOf('?dialect=v1-unnamed');
    expect(errors).toEqual([
      { ...OF_LINE, state: 0 },
      { ...OF_LINE, state: 2 },
    ]);
    expect(messages.slice(-2)).toEqual(['error', 'end']);
  });

  it('are distinguished by the example', async () => {
    const site = await servePage(EXAMPLE);
    const page = await browser.newPage();
    try {
      await page.goto(`${site.url}/?server=${encodeURIComponent(app.url)}`);
      await page.fill('[name=question]', 'example fails');
      const stopped = page.waitForResponse((response) => response.status() === 204);
      await page.click('button');
      (await model.next('example fails')).fail(400);
      await stopped;
      await page.getByText(/^error after \d+ ms$/).waitFor();
      await until('the line is no topic', async () => (await page.textContent('#line')) === '');
      expect(await page.textContent('#error')).toMatch(/model/i);
    } finally {
      await page.close();
      await site.stop();
    }
  });
});
