import type { Browser } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { ChatPage } from './chat-page.js';

const ARABIC = 'ما هي متطلبات العقد؟';
const HEBREW = 'תשובה בעברית עם `code(x)` בפנים.';
const PERSIAN = 'سلام، این یک فهرست است';
const ANSWER = [
  HEBREW,
  'An English paragraph.',
  `# ${ARABIC}`,
  `- ${PERSIAN}\n- دوم`,
  `> ${ARABIC}`,
  '- First item\n- Second item',
  `| العمود | القيمة |\n| --- | --- |\n| أ | 1 |`,
  '```ts\nconst مثال = 1; // عربي\n```',
].join('\n\n');

/** Right-to-left text is laid out that way, each block by its first strong character. */
describe('the direction of text', () => {
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

  const directionOf = (selector: string, at = 0): Promise<string> =>
    now.page
      .locator(selector)
      .nth(at)
      .evaluate((element) => getComputedStyle(element).direction);

  it('follows the text: question, answer, title, list of chats, input box', async () => {
    await chat.box.fill(ARABIC);
    expect(await chat.box.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl');
    await chat.box.press('Enter');
    (await stage.model.next(ARABIC)).text(ANSWER).finish();
    await chat.completed();
    const text = '[data-text]';
    const found = {
      question: await directionOf(`[data-message] [dir="auto"]`),
      title: await directionOf('h1'),
      chat: await directionOf('nav li a'),
      hebrew: await directionOf(`${text} p`),
      english: await directionOf(`${text} p`, 1),
      heading: await directionOf(`${text} h1`),
      persianList: await directionOf(`${text} ul`),
      englishList: await directionOf(`${text} ul`, 1),
      quote: await directionOf(`${text} blockquote`),
      table: await directionOf(`${text} table`),
      code: await directionOf(`${text} pre`),
      inlineCode: await directionOf(`${text} p code`),
    };
    expect(found).toEqual({
      question: 'rtl',
      title: 'rtl',
      chat: 'rtl',
      hebrew: 'rtl',
      english: 'ltr',
      heading: 'rtl',
      persianList: 'rtl',
      englishList: 'ltr',
      quote: 'rtl',
      table: 'rtl',
      code: 'ltr',
      inlineCode: 'ltr',
    });
    expect(now.faults).toEqual([]);
  });
});
