import { initialState, reduce } from '@reprise/client';
import type { StreamEvent } from '@reprise/protocol';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { Client } from '../support/client.js';
import { parseFrames } from '../support/sse.js';
import { until } from '../support/until.js';
import { exactly } from './chat-page.js';
import { richRun } from './debugger-logs.js';
import { DebuggerPage } from './debugger-page.js';
import { bringIn } from './debugger-setup.js';

const QUESTION = 'Which CSR requirements are there?';

/** A run with everything in it, looked at after it has ended. */
describe('the replay debugger', () => {
  let app: TestApp;
  let client: Client;
  let browser: Browser;
  let now: Visit;
  let debug: DebuggerPage;
  let ids: string[];
  let events: StreamEvent[];

  const id = (run = 0): string => ids[run] ?? '';
  const stateAt = (index: number) => events.slice(0, index + 1).reduce(reduce, initialState);
  const last = (): number => events.length - 1;

  beforeAll(async () => {
    app = await startTestApp();
    client = new Client(app.url);
    const other = richRun(QUESTION, 'Another answer.');
    ids = (await bringIn(app, [richRun(QUESTION), { ...other, retryOf: 0 }])).messageIds;
    events = await client.replay(id());
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.destroy();
  });
  beforeEach(async () => {
    now = await visit(browser, app.url);
    debug = new DebuggerPage(now.page);
  });
  afterEach(async () => {
    expect(now.faults).toEqual([]);
    await now.context.close();
  });

  it('opens at the end of a run, with its figures and the whole answer', async () => {
    await debug.open(id());
    await debug.standsAt(last());
    expect(await debug.figure('Events')).toBe(String(events.length));
    expect(await debug.figure('Longest silence')).toBe('4.71 s');
    expect(await debug.figure('First content')).toBe('8.30 s');
    expect(await debug.figure('Tool time')).toBe('3.04 s');
    await debug.seen.getByRole('cell', { name: 'Bilag 4, 1.2' }).waitFor();
    await now.page.getByText('attempt 2', { exact: true }).first().waitFor();
  });

  it('shows the log as a table that marks silences', async () => {
    await debug.open(id(), '?at=0');
    const cells = await debug.row(1).getByRole('gridcell').allTextContents();
    expect(cells.slice(0, 5)).toEqual([
      '1',
      '00:00.320',
      '+320 ms',
      'rationale',
      'The question is about CSR requirements. I plan, search, compare.',
    ]);
    const silence = events.findIndex(({ ts }) => ts === events[25]?.ts);
    await debug.search.fill('interruption');
    expect(await debug.row(silence).locator('[data-silent]').textContent()).toBe('+4.71 s');
    await now.page.getByText('4.71 s of silence').waitFor();
  });

  it('filters by type and searches the JSON', async () => {
    await debug.open(id());
    const shown = async (): Promise<string[]> => debug.rows.locator('> :nth-child(4)').allTextContents();
    await debug.button(/^plan/).click();
    await now.page.getByText(`4 of ${events.length}`).waitFor();
    expect(await shown()).toEqual(['plan', 'plan', 'plan', 'plan']);
    await debug.button(/^approval_required/).click();
    await now.page.getByText(`5 of ${events.length}`).waitFor();
    await now.page.keyboard.press('/');
    await now.page.keyboard.type('NOTES.md');
    await now.page.getByText(`1 of ${events.length}`).waitFor();
    expect(await shown()).toEqual(['approval_required']);
    await debug.button('Show all events').click();
    await now.page.getByText(`${events.length} events`).waitFor();
    await debug.search.fill('no such thing');
    await now.page.getByText('No matching events.').waitFor();
  });

  it('jumps to the chosen event: answer, plan, tools and state as they were', async () => {
    await debug.open(id(), '?at=0');
    await debug.seen.getByText('Nothing to see yet.').waitFor();
    const index = events.findIndex(({ type }) => type === 'approval_required');
    await debug.button(/^approval_required/).click();
    await debug.row(index).click();
    await debug.standsAt(index);
    await debug.seen.getByText('Waiting for a decision: write_file').waitFor();
    expect(await debug.seen.getByRole('region', { name: 'Plan' }).getByText('1 of 3').count()).toBe(1);
    expect(stateAt(index).content).toBe('');
    expect(await debug.seen.getByText('CSR requirements', { exact: true }).count()).toBe(0);
    await debug.tab('Event').click();
    expect(await debug.event()).toEqual(events[index]);
  });

  it('can be used with the keyboard alone', async () => {
    await debug.open(id());
    const { keyboard } = now.page;
    await keyboard.press('Home');
    await debug.standsAt(0);
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowRight');
    await debug.standsAt(2);
    await keyboard.press('ArrowLeft');
    await debug.standsAt(1);
    await keyboard.press('End');
    await debug.standsAt(last());
    await debug.button(/^plan/).click();
    await debug.table.focus();
    await keyboard.press('ArrowUp');
    await keyboard.press('ArrowUp');
    const plans = events.flatMap(({ type }, index) => (type === 'plan' ? [index] : []));
    await debug.standsAt(plans.at(-2) ?? -1);
    await debug.slider.focus();
    await keyboard.press('Home');
    expect(await debug.index()).toBe(0);
    await keyboard.press('Space');
    await debug.button('Pause').waitFor();
    await keyboard.press('Space');
    await debug.button('Play').waitFor();
  });

  it('scrubs: the state follows the handle', async () => {
    await debug.open(id());
    await debug.drag(0.999, 0.5);
    const half = events.findLastIndex(({ ts }) => Date.parse(ts) - Date.parse(events[0]?.ts ?? '') <= 8287);
    await debug.standsAt(half);
    expect(await debug.seen.getByText('Let me').count()).toBe(0);
    await debug.drag(0.5, 0.52, 5);
    await debug.seen.getByText('Let me put that together.').waitFor();
  });

  it('plays at 50 times the speed, in the order and pace of the run', async () => {
    await debug.open(id());
    await now.page.getByText('50×').click();
    await now.page.getByRole('switch', { name: 'Skip silences' }).uncheck();
    await now.page.evaluate(WATCH_SLIDER);
    const started = performance.now();
    await debug.button('Play').click();
    await debug.button('Pause').waitFor();
    await debug.standsAt(last());
    await debug.button('Play').waitFor();
    const passed = await now.page.evaluate<number[]>('passed');
    expect(performance.now() - started).toBeGreaterThanOrEqual(16_412 / 50);
    expect(passed).toEqual([...passed].sort((a, b) => a - b));
    expect(new Set(passed).size).toBeGreaterThan(3);
  });

  it('offers a curl command that resumes with the following event', async () => {
    await now.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await debug.open(id(), '?at=41');
    await debug.tab('Event').click();
    await debug.button('Copy curl').click();
    await debug.button('Copied').waitFor();
    const command = await debug.clipboard();
    expect(command).toMatch(/^curl -N -H 'Last-Event-ID: \d+_0041_[0-9a-f]{8}' 'http:.*\/stream'$/);
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command} --silent --max-time 10`]);
    const got = parseFrames(stdout).map(({ data }) => JSON.parse(data) as StreamEvent);
    expect(got).toEqual(events.slice(42));
  });

  it('exports the log as JSON Lines, event by event as the API returns it', async () => {
    await debug.open(id());
    const [download] = await Promise.all([now.page.waitForEvent('download'), debug.button('Export').click()]);
    expect(download.suggestedFilename()).toBe(`reprise-${id()}.jsonl`);
    const lines = (await readFile(await download.path(), 'utf8')).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events);
  });

  it('shows tool calls in full, and links to where they started', async () => {
    await debug.open(id());
    await debug.tab(/^Tools/).click();
    await debug.button(/^research/).click();
    const args = now.page.getByRole('region', { name: 'Arguments' });
    const [call] = (await client.get(`/api/messages/${id()}/tool-calls`)).body.filter(
      ({ name }: { name: string }) => name === 'research',
    );
    expect(JSON.parse((await args.locator('pre').textContent()) ?? '')).toEqual(JSON.parse(call.arguments));
    await debug.button('Go to the start of research').click();
    await debug.standsAt(
      events.findIndex((event) => event.type === 'tool_start' && event.name === 'research'),
    );
  });

  it('draws turns and tools over time; a click jumps, a drag zooms', async () => {
    await debug.open(id());
    const failed = debug.button('Tool search_tender_corpus, error, 2.48 s');
    await failed.click();
    await debug.standsAt(events.findIndex((event) => event.type === 'tool_start' && event.call_id === 's2'));
    const before = await failed.boundingBox();
    await debug.button('Zoom in').click();
    await until(
      'the bar grows',
      async () => ((await failed.boundingBox())?.width ?? 0) > (before?.width ?? 0) * 1.9,
    );
    await debug.button('Show the whole run').click();
    await until('the bar shrinks', async () => (await failed.boundingBox())?.width === before?.width);
    await debug.selectTime(0.1, 0.2);
    await until(
      'the bar grows',
      async () => ((await failed.boundingBox())?.width ?? 0) > (before?.width ?? 0) * 4,
    );
    await debug.button('Show the whole run').click();
    await until('the bar shrinks', async () => (await failed.boundingBox())?.width === before?.width);
    await failed.focus();
    await now.page.keyboard.press('ArrowRight');
    await now.page.keyboard.press('Enter');
    await debug.standsAt(
      events.findIndex((event) => event.type === 'tool_start' && event.name === 'research'),
    );
  });

  it('shows two runs side by side and marks where they diverge', async () => {
    await debug.open(id());
    await debug.button(/^Compare$/).click();
    await debug.page.getByRole('dialog').getByRole('button', { name: QUESTION }).click();
    await now.page.waitForURL(`**/debug/${id()}?with=${id(1)}`);
    const figures = now.page.getByRole('region', { name: 'Figures' });
    expect(await figures.getByRole('row').nth(1).getByRole('cell').nth(0).textContent()).toBe('16.4 s');
    const difference = now.page.getByRole('region', { name: 'First difference' });
    expect(await difference.locator('mark').allTextContents()).toEqual([
      expect.stringMatching(/^## CSR requirements/),
      'Another answer.',
    ]);
    await now.page
      .getByRole('region', { name: 'Answer B' })
      .getByText(/Another answer\./)
      .waitFor();
    expect(await debug.barriers()).toEqual([]);
    await now.page.getByRole('link', { name: 'Back to run A' }).click();
    await debug.standsAt(last());
  });

  it('leads from a retry to the original question', async () => {
    await debug.open(id(1));
    await now.page.getByRole('link', { name: /^asked again/ }).click();
    await now.page.waitForURL(`**/debug/${id(1)}?with=${id()}`);
    await now.page.getByText('A is a retry of B').waitFor();
  });

  it('opens at the moment a link points to', async () => {
    await now.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await debug.open(id(), '?at=20');
    await debug.standsAt(20);
    await now.page.keyboard.press('ArrowRight');
    await debug.button('Copy a link to this moment').click();
    await debug.button('Copied').waitFor();
    await now.page.goto(await debug.clipboard());
    await debug.standsAt(21);
  });

  it('marks shorter silences on request', async () => {
    await debug.open(id(), '?at=0');
    expect(await now.page.getByText(/of silence$/).count()).toBe(3);
    await now.page.getByLabel('Silences from').selectOption('250');
    await until('more silences are drawn', async () => (await now.page.getByText(/of silence$/).count()) > 8);
  });

  it.each([
    ['light', false],
    ['dark', false],
    ['light', true],
    ['dark', true],
  ] as const)('has no barriers in %s, phone: %s', async (theme, isPhone) => {
    await now.context.close();
    now = await visit(browser, app.url, { theme, isPhone });
    debug = await new DebuggerPage(now.page).open(id(), '?at=60');
    await debug.standsAt(60);
    expect(await debug.barriers()).toEqual([]);
    await debug.tab('Event').click();
    await debug.table.getByText(exactly('content')).first().waitFor();
    expect(await debug.barriers()).toEqual([]);
    expect(await now.page.evaluate(SIDEWAYS)).toEqual([]);
  });
});

/** Records every event that the slider stops at, in the page. From the end it goes back to the beginning first. */
const WATCH_SLIDER = `
  const slider = document.querySelector('[role=slider]');
  globalThis.passed = [];
  new MutationObserver(() => passed.push(Number(slider.getAttribute('aria-valuenow')))).observe(slider, {
    attributeFilter: ['aria-valuenow'],
  });
`;

/** Large parts of the page that scroll sideways; each ought to fit. */
const SIDEWAYS = `
  [document.documentElement, ...document.querySelectorAll('main, main *')]
    .filter((element) => element.clientHeight > innerHeight / 3)
    .filter((element) => element === document.documentElement || /auto|scroll/.test(getComputedStyle(element).overflowX))
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.className)
`;
