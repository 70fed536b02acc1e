import type { Browser, Page } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';
import { longMarkdown } from './long-text.js';

const CHARS = 200_000;
const CHUNK = 2000;

/** Counts the elements that are added to pieces of Markdown, by frame, and those among them in a finished piece. */
const COUNT = `
  window.work = { total: 0, most: 0, late: 0 };
  let inFrame = 0;
  const tick = () => { window.work.most = Math.max(window.work.most, inFrame); inFrame = 0; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  new MutationObserver((records) => {
    const pieces = [...document.querySelectorAll('[data-piece]')];
    for (const { target, addedNodes } of records) {
      const piece = target.nodeType === 1 ? target.closest('[data-piece]') : null;
      const place = piece ? pieces.indexOf(piece) : -1;
      for (const node of addedNodes) {
        if (node.nodeType !== 1) continue;
        const count = 1 + node.querySelectorAll('*').length;
        window.work.total += count;
        inFrame += count;
        if (place >= 0 && place < pieces.length - 4) window.work.late += count;
      }
    }
  }).observe(document, { childList: true, subtree: true });`;

interface Work {
  total: number;
  most: number;
  late: number;
}

const workOf = (page: Page): Promise<Work> => page.evaluate<Work>('window.work');

/** The cost of a long answer is counted in elements, which do not depend on the machine. */
describe('an answer of 200 kB', () => {
  const text = longMarkdown(CHARS);
  const last = /.*Section (\d+)/s.exec(text)?.[1] ?? '';
  let stage: Stage;
  let browser: Browser;
  let now: Visit;
  let chat: ChatPage;

  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0' });
    browser = await openBrowser();
    now = await visit(browser, stage.app.url);
    chat = await new ChatPage(now.page).open();
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  it('is drawn once while it streams, piece by piece', async () => {
    await now.page.evaluate(COUNT);
    await chat.send('Long, please');
    const answer = await stage.model.next('Long, please');
    for (let from = 0; from < text.length; from += CHUNK) {
      answer.text(text.slice(from, from + CHUNK));
      await answer.drained();
      await until('it is shown', () =>
        now.page.evaluate<boolean>(`new Promise(requestAnimationFrame).then(() => true)`),
      );
    }
    answer.finish();
    await chat.exchanges.last().getByRole('button', { name: 'Copy answer' }).waitFor({ timeout: 60_000 });
    const work = await workOf(now.page);
    const elements = await now.page.locator('[data-text] *').count();
    expect(work.late).toBe(0); // finished pieces stay as they are
    expect(work.total).toBeLessThan(elements * 2.5);
    expect(work.most).toBeLessThan(elements / 8);
  }, 180_000);

  it('opens at its end, and only what is near is drawn', async () => {
    await now.page.addInitScript(COUNT);
    await now.page.reload();
    await now.page.getByRole('heading', { name: `Section ${last}`, exact: true }).waitFor();
    await chat.completed();
    const work = await workOf(now.page);
    const [drawn, waiting] = await Promise.all(
      ['drawn', 'waiting'].map((state) => now.page.locator(`[data-piece="${state}"]`).count()),
    );
    expect(waiting).toBeGreaterThan(40);
    expect(drawn).toBeLessThan(12);
    // The links around the conversation are not part of its cost: without them, the bound is that much lower.
    const around = await now.page.evaluate(
      () =>
        document.querySelectorAll('body *').length - document.querySelectorAll('[data-scroller] *').length,
    );
    expect(work.total - around).toBeLessThan(1381);
    const box = now.page.locator('[data-scroller]');
    expect(
      await box.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop),
    ).toBeLessThan(3);
  }, 60_000);

  it('can be read upwards without a jump or a gap', async () => {
    const box = now.page.locator('[data-scroller]');
    const seen = new Set<number>();
    for (let step = 0; step < 25; step++) {
      await box.evaluate((element) => {
        element.scrollTop -= 500;
      });
      const found = await until('all in sight is drawn', () =>
        now.page.evaluate<number[] | undefined>(`new Promise(requestAnimationFrame).then(() => {
          const view = document.querySelector('[data-scroller]').getBoundingClientRect();
          const inSight = (element) => { const { top, bottom } = element.getBoundingClientRect(); return bottom > view.top && top < view.bottom; };
          if ([...document.querySelectorAll('[data-piece="waiting"]')].some(inSight)) return undefined;
          return [...document.querySelectorAll('[data-piece] h2')].filter(inSight).map((head) => Number(head.textContent.split(' ')[1]));
        })`),
      );
      for (const section of found) seen.add(section);
    }
    const sections = [...seen].sort((a, b) => a - b);
    expect(sections.length).toBeGreaterThan(8);
    expect(sections).toEqual(
      Array.from({ length: sections.length }, (_, index) => Number(last) - sections.length + 1 + index),
    );
  }, 60_000);

  it('is found by searching the page, and is complete on paper', async () => {
    const source = await now.page.locator('[data-text]').textContent();
    expect(source?.includes('## Section 20\n')).toBe(true);
    await now.page.emulateMedia({ media: 'print' });
    await now.page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await now.page.locator('[data-piece="waiting"]').count()).toBe(0);
    const pdf = await now.page.pdf({ format: 'A4' });
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(60);
    expect(now.faults).toEqual([]);
  }, 120_000);
});
