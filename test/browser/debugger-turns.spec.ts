import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { Client } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { DebuggerPage } from './debugger-page.js';

/** What went to the model, as a person reads it. */
describe('the model turns in the debugger', () => {
  let app: TestApp;
  let model: ScriptedModel;
  let client: Client;
  let browser: Browser;
  let now: Visit;
  let id: string;

  beforeAll(async () => {
    model = await ScriptedModel.start();
    app = await startTestApp({ ...model.env, MODEL_RETRIES: '1' });
    client = new Client(app.url);
    const sent = await client.send(await client.newChat(), 'Which files are there?');
    id = sent.message_id;
    (await model.next()).fail(503);
    (await model.next()).text('Let me look.').toolCall('list_files', {}).finish();
    (await model.next()).text('None.').finish();
    await client.ended(sent);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.destroy();
    await model.stop();
  });
  beforeEach(async () => {
    now = await visit(browser, app.url);
  });
  afterEach(async () => {
    expect(now.faults).toEqual([]);
    await now.context.close();
  });

  it('are listed with retries and tokens, and open to what was sent', async () => {
    const debug = await new DebuggerPage(now.page).open(id);
    await debug.tab('Model').click();
    const list = now.page.getByRole('region', { name: 'Model turns' });
    const heads = list.locator('button[aria-expanded]');
    await heads.nth(2).waitFor();
    expect(await heads.allTextContents()).toEqual([
      'assistant 1openai:scripted · model_unavailable',
      'assistant 1openai:scripted · repeated',
      'assistant 2openai:scripted',
    ]);
    expect(await list.getByText('10 + 5').count()).toBe(2);
    await heads.nth(2).click();
    await list
      .getByRole('region', { name: 'Instructions' })
      .getByText('You are a careful assistant')
      .waitFor();
    expect(await list.getByRole('region', { name: 'Assistant' }).textContent()).toContain(
      'Let me look.list_files({})',
    );
    expect(await list.getByRole('region', { name: 'User' }).textContent()).toContain(
      'Which files are there?',
    );
    expect(await list.getByRole('region', { name: 'Tool result' }).count()).toBe(1);
    await list.getByText(/^Tools \(\d+\)$/).click();
    await list.getByText('"list_files"').waitFor();
    expect(await debug.barriers()).toEqual([]);
    const shots = process.env['SHOTS'];
    for (const colorScheme of shots === undefined ? [] : (['light', 'dark'] as const)) {
      await now.page.emulateMedia({ colorScheme });
      await now.page.screenshot({ path: `${shots}/turns-${colorScheme}.png` });
    }
  });
});
