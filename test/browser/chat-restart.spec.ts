import type { Browser } from 'playwright-core';
import { openBrowser, visit } from '../support/browser.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { ChatPage } from './chat-page.js';

/** The built server in a separate process, killed while a page is open. */
describe('a run whose server is killed', () => {
  let browser: Browser;
  let model: ScriptedModel;

  beforeAll(async () => {
    browser = await openBrowser();
    model = await ScriptedModel.start();
  });
  afterAll(async () => {
    await browser.close();
    await model.stop();
    await cleanUpServers();
  });

  it('continues on the open page without any action', async () => {
    const server = await ServerProcess.start({ env: { ...model.env, RUN_LEASE_MS: '1000' } });
    const { page, context } = await visit(browser, server.url);
    const chat = await new ChatPage(page).open();
    await chat.send('Will you survive?');
    (await model.next()).text('Part one, ');
    await chat.says('Part one,');
    await server.kill9();
    await page.getByText('Connection lost. Reconnecting…').waitFor();
    await chat.says('Part one,');
    await server.restart();
    (await model.next()).text('part two.').finish();
    await page.getByRole('button', { name: 'Copy answer' }).waitFor({ timeout: 25_000 });
    await chat.says('Part one, part two.');
    await page.reload();
    await chat.completed();
    await chat.says('Part one, part two.');
    expect(await chat.exchanges.count()).toBe(1);
    await context.close();
  }, 60_000);
});
