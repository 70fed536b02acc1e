import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { Deeds, teachTools } from '../support/approvals.js';
import { openBrowser } from '../support/browser.js';
import { until, within } from '../support/until.js';

const SERVER = fileURLToPath(new URL('../../examples/next-free-chat/server.mjs', import.meta.url));

/** The example page in a browser, with the official hook, on the real application at another origin. */
describe('the page of examples/next-free-chat', () => {
  let stage: Stage;
  let served: ChildProcess;
  let browser: Browser;
  let page: Page;
  let address: string;
  const faults: string[] = [];
  const deeds = new Deeds();

  beforeAll(async () => {
    served = spawn(process.execPath, [SERVER], {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await within('the page is bundled', once(served.stdout!, 'data'), 60_000)) as [Buffer];
    const origin = String(line).trim();
    stage = await setStage({ CORS_ORIGINS: origin });
    teachTools(stage.app, deeds);
    browser = await openBrowser();
    address = `${origin}/?server=${encodeURIComponent(stage.app.url)}`;
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await stage.close();
    served.kill();
  });
  beforeEach(async () => {
    faults.length = 0;
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(address);
  });
  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const send = async (text: string): Promise<void> => {
    await page.fill('[name=question]', text);
    await press('Send');
  };
  const shows = (what: string, text: string): Promise<void> =>
    page.locator(what, { hasText: text }).last().waitFor();
  const texts = (): Promise<string[]> => page.locator('.text').allTextContents();
  const is = (status: string): Promise<void> => shows('output', status);

  it('streams, and a reload in the middle of an answer goes on with it', async () => {
    await send('reload');
    const turn = await stage.model.next('reload');
    turn.reasoning('A thought.\n\n').text('Half ');
    await shows('.text', 'Half');
    await page.reload();
    await shows('.text', 'Half');
    await is('streaming');
    turn.text('and half.').finish();
    await is('ready');
    expect(await texts()).toEqual(['reload', 'Half and half.']);
    expect(await page.locator('.reasoning').count()).toBe(1);
    await page.reload();
    await shows('.text', 'Half and half.');
    expect(await texts()).toEqual(['reload', 'Half and half.']);
  });

  it('stops the run, and is answered again', async () => {
    await send('stop');
    const turn = await stage.model.next('stop');
    turn.text('Too long');
    await shows('.text', 'Too long');
    await press('Stop');
    await turn.hungUp;
    await is('ready');
    await press('Again');
    (await stage.model.next('stop')).text('Short.').finish();
    await shows('.text', 'Short.');
    await is('ready');
    expect(await texts()).toEqual(['stop', 'Short.']);
  });

  it('asks for an approval, also after a reload, and sends the decision once', async () => {
    await send('pay');
    (await stage.model.next('pay')).toolCall('pay', { euro: 5 }, 'p1').finish();
    await shows('.tool', 'approval-requested');
    await page.reload();
    await shows('.tool', 'approval-requested');
    await is('ready');
    const posts: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
    await press('Approve');
    (await stage.model.next('pay')).text('Paid.').finish();
    await shows('.text', 'Paid.');
    await is('ready');
    await shows('.tool', 'output-available');
    await until('nothing is asked any more', async () => (await page.locator('.tool button').count()) === 0);
    expect([posts.length, deeds.paid.length]).toEqual([1, 1]);
  });
});
