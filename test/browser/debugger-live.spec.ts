import { Types } from 'mongoose';
import type { Browser } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { openDatabase, type Created, type Database } from '../support/client.js';
import { longRun, richRun } from './debugger-logs.js';
import { DebuggerPage } from './debugger-page.js';
import { bringIn } from './debugger-setup.js';

/** Runs that are active, waiting, gone, or never existed. */
describe('the replay debugger', () => {
  let stage: Stage;
  let database: Database;
  let browser: Browser;
  let now: Visit;
  let debug: DebuggerPage;
  let questions = 0;

  beforeAll(async () => {
    stage = await setStage();
    database = await openDatabase(stage.app);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await database.close();
    await stage.close();
  });
  beforeEach(async () => {
    now = await visit(browser, stage.app.url);
    debug = new DebuggerPage(now.page);
  });
  afterEach(async () => {
    // The browser itself complains about every response that is not a success.
    expect(now.faults.filter((fault) => !fault.startsWith('Failed to load resource'))).toEqual([]);
    await now.context.close();
  });

  const ask = async (chat?: string): Promise<Created & { question: string }> => {
    const question = `Question ${questions++}`;
    const chatId = chat ?? (await stage.client.newChat());
    return { question, ...(await stage.client.send(chatId, question)) };
  };

  it('follows an active run, until somebody looks back, and again on request', async () => {
    const asked = await ask();
    const answer = (await stage.model.next(asked.question)).text('One');
    await debug.open(asked.message_id);
    await debug.standsAt(1);
    await debug.seen.getByText('One').waitFor();
    answer.text(', two');
    await debug.standsAt(2);
    await debug.seen.getByText('One, two').waitFor();
    await now.page.keyboard.press('ArrowLeft');
    answer.text(', three');
    await debug.row(3).waitFor();
    expect(await debug.index()).toBe(1);
    await debug.seen.getByText('One', { exact: true }).waitFor();
    await debug.button('Live').click();
    await debug.standsAt(3);
    answer.finish();
    await debug.standsAt(4);
    await debug.seen.getByText('One, two, three').waitFor();
    await debug.button('Live').waitFor({ state: 'detached' });
    expect(await debug.figure('Tokens')).toBe('15');
  });

  it('waits for a run that has not started, and shows it when it does', async () => {
    const first = await ask();
    const before = await stage.model.next(first.question);
    const { chat_id } = await stage.client.message(first.message_id);
    const second = await ask(chat_id);
    await debug.open(second.message_id);
    await now.page.getByText('This run is waiting for its turn.').waitFor();
    await debug.seen.getByText('Nothing yet: the run has not begun.').waitFor();
    expect(await debug.barriers()).toEqual([]);
    await now.page.setViewportSize({ width: 390, height: 844 });
    expect(await debug.barriers()).toEqual([]);
    before.text('Done.').finish();
    (await stage.model.next(second.question)).text('Mine.').finish();
    await debug.seen.getByText('Mine.').waitFor();
    await now.page.getByText('completed').first().waitFor();
  });

  it.each(['68eb95dcac4dd9ac2789890e', 'nonsense'])('says that there is no run %s', async (id) => {
    await now.page.goto(`/debug/${id}`);
    await now.page.getByRole('heading', { name: 'This run does not exist' }).waitFor();
    await now.page.getByText(/message_not_found|invalid_message_id/).waitFor();
    expect(await debug.barriers()).toEqual([]);
  });

  it('leads from an answer to the run of its question', async () => {
    const asked = await ask();
    (await stage.model.next(asked.question)).text('Answer.').finish();
    await stage.client.ended(asked);
    const { chat_id } = await stage.client.message(asked.message_id);
    const [, answer] = await stage.client.history(chat_id);
    await now.page.goto(`/debug/${answer.message_id}`);
    await now.page.getByRole('link', { name: 'Open the run of its question' }).click();
    await debug.seen.getByText('Answer.').waitFor();
  });

  it('says that a log has expired, and what is left', async () => {
    const [id] = (await bringIn(stage.app, [richRun('Gone')])).messageIds;
    await database.connection
      .collection('messages')
      .updateOne({ _id: new Types.ObjectId(id) }, { $set: { 'run.events_expired': 'removed' } });
    await now.page.goto(`/debug/${id}`);
    await now.page.getByRole('heading', { name: 'The events of this run have expired' }).waitFor();
    await now.page.getByText('completed after 16.4 s').waitFor();
    expect(await debug.barriers()).toEqual([]);
  });

  it('says that the server cannot be reached, and retries on request', async () => {
    const [id] = (await bringIn(stage.app, [richRun('Unreachable')])).messageIds;
    await now.page.route('**/api/messages/**', (route) => route.abort());
    await now.page.goto(`/debug/${id}`);
    await now.page.getByRole('heading', { name: 'The server cannot be reached' }).waitFor();
    await now.page.unroute('**/api/messages/**');
    await debug.button('Try again').click();
    await debug.standsAt(richRun('').told.length - 1);
  });

  it('shows a gap in the log as the fault it is', async () => {
    const [id = ''] = (await bringIn(stage.app, [longRun('Gap', 200)])).messageIds;
    for (const s of [120, 121, 122])
      await database.connection
        .collection('message_events')
        .deleteOne({ _id: { m: new Types.ObjectId(id), s } as never });
    await debug.open(id);
    await now.page.getByText('This log has a fault: 3 events missing.').waitFor();
    await debug.button('Show the first gap').click();
    await debug.standsAt(120);
    expect(await debug.row(120).getByRole('gridcell').first().textContent()).toBe('123');
    await debug.row(120).getByText('3 events missing before this one').waitFor();
    expect(await debug.barriers()).toEqual([]);
  });
});
