import type { EventBody } from '@reprise/protocol';
import type { Browser } from 'playwright-core';
import { setStage, type Stage } from '../conformance/setup.js';
import { openBrowser, visit, type Visit } from '../support/browser.js';
import { until } from '../support/until.js';
import { ChatPage } from './chat-page.js';
import { content, ended, start, type PlannedRun } from './debugger-logs.js';
import { bringIn } from './debugger-setup.js';

const HOSTILE = `Before <script>window.harmed = true</script> after.

<img src="x" onerror="window.harmed = true">

<div onclick="window.harmed = true">**Bold?**</div>

[script](javascript:window.harmed=true) [data](data:text/html,<script>window.harmed=true</script>)
[relative](/api/docs) [good](https://example.com/a?b=c) <mailto:a@example.com>

![pixel](https://tracker.example/pixel.gif)

[ref]: javascript:window.harmed=true
[ref]

\`\`\`html"><script>window.harmed = true</script>
<b>code</b>
\`\`\`
`;

const EXPIRES = '2026-12-31T12:00:00.000Z';
const ASK: EventBody = {
  type: 'approval_required',
  call_id: 'call_1',
  name: 'send_mail',
  args_summary: "to='everybody@company.com'",
  expires_at: EXPIRES,
};

/** How the page shows texts and logs. */
describe('the chat page', () => {
  let stage: Stage;
  let browser: Browser;
  let now: Visit;
  let chat: ChatPage;

  beforeAll(async () => {
    stage = await setStage();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });
  beforeEach(async () => {
    now = await visit(browser, stage.app.url, { user: 'alice' });
    chat = new ChatPage(now.page);
  });
  afterEach(() => now.context.close());

  it('makes no text of an answer active', async () => {
    await chat.open();
    await chat.send('Harm me');
    const answer = await stage.model.next('Harm me');
    for (const piece of HOSTILE.match(/[^]{1,7}/g) ?? []) answer.text(piece);
    answer.finish();
    await chat.completed();
    const text = (await chat.text().textContent()) ?? '';
    expect(text).toContain('Before <script>window.harmed = true</script> after.');
    expect(text).toContain('<img src="x" onerror="window.harmed = true">');
    const inside = chat.text();
    expect(await inside.locator('script, img, iframe, [onclick], [onerror], style').count()).toBe(0);
    const links = await inside
      .getByRole('link')
      .evaluateAll((all) =>
        all.map((link) => ['href', 'rel', 'target'].map((name) => String(link.getAttribute(name)))),
      );
    const safe = (href: string): string[] => [href, 'noopener noreferrer nofollow', '_blank'];
    expect(links).toEqual([
      safe('https://example.com/a?b=c'),
      safe('mailto:a@example.com'),
      safe('https://tracker.example/pixel.gif'),
    ]);
    expect(await now.page.evaluate('window.harmed')).toBeUndefined();
    expect(now.faults).toEqual([]);
  });

  it('draws Markdown: a table, a list, highlighted code', async () => {
    await chat.open();
    await chat.send('Show me');
    const answer = await stage.model.next('Show me');
    answer.text('| a | b |\n| --- | --- |\n| 1 | 2 |\n\n- [x] done\n\n```ts\nconst a = 1;\n```\n').finish();
    await chat.completed();
    expect(await chat.text().getByRole('cell').allTextContents()).toEqual(['1', '2']);
    expect(await chat.text().getByRole('checkbox').isChecked()).toBe(true);
    expect(await chat.text().locator('.hljs-keyword').textContent()).toBe('const');
    await chat.text().hover();
    await now.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await chat.button('Copy code').click();
    await chat.button('Copied').waitFor();
    expect(await now.page.evaluate<string>('navigator.clipboard.readText()')).toBe('const a = 1;');
  });

  it('loads earlier messages above, without moving what is being read', async () => {
    const runs = Array.from({ length: 70 }, (_, index): PlannedRun => {
      const text = `Question ${index}`;
      return {
        question: text,
        told: [
          [0, start],
          [1, content('A')],
          [2, ended(2, 0)],
        ],
      };
    });
    const { chatId } = await bringIn(stage.app, runs);
    await chat.open(`/chats/${chatId}`);
    await chat.exchanges.last().getByText('Question 69').waitFor();
    const box = now.page.locator('[class*=scroller]');
    expect(
      await box.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight),
    ).toBeLessThan(2);
    const count = await chat.exchanges.count();
    expect(count).toBeLessThan(70);
    const anchor = chat.exchanges.filter({ hasText: `Question ${70 - count}` }).first();
    await box.evaluate((element) => {
      element.scrollTop = 400;
    });
    const before = await anchor.evaluate((element) => element.getBoundingClientRect().top);
    await until('earlier ones came', async () => (await chat.exchanges.count()) > count);
    expect(
      Math.abs((await anchor.evaluate((element) => element.getBoundingClientRect().top)) - before),
    ).toBeLessThan(2);
    await until('all came', async () => {
      await box.evaluate((element) => {
        element.scrollTop = 0;
      });
      return (await chat.exchanges.count()) === 70;
    });
    const texts = await now.page.locator('[class*=questionText]').allTextContents();
    expect(texts).toEqual(runs.map(({ question }) => question));
  });

  it('follows the newest text until the reader scrolls up, and offers a way back', async () => {
    await chat.open();
    await chat.send('Talk');
    const answer = await stage.model.next('Talk');
    const box = now.page.locator('[class*=scroller]');
    const left = (): Promise<number> =>
      box.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
    for (let line = 0; line < 60; line++) answer.text(`Line ${line}\n\n`);
    await chat.text().getByText('Line 59').waitFor();
    await until('the end is in view', async () => (await left()) < 2);
    await box.hover();
    await now.page.mouse.wheel(0, -600);
    await chat.button('Jump to latest').waitFor();
    const top = await box.evaluate((element) => element.scrollTop);
    for (let line = 60; line < 120; line++) answer.text(`Line ${line}\n\n`);
    await chat.text().getByText('Line 119').waitFor();
    expect(await box.evaluate((element) => element.scrollTop)).toBe(top);
    await chat.button('Jump to latest').click();
    await until('the end is in view again', async () => (await left()) < 2);
    answer.text('The end').finish();
    await chat.completed();
    await until('the end stays in view', async () => (await left()) < 2);
    await chat.button('Jump to latest').waitFor({ state: 'hidden' });
  });

  it('shows the approvals of a recorded log', async () => {
    const told: PlannedRun['told'] = [
      [0, start],
      [1, ASK],
      [2, { type: 'approval_resolved', call_id: 'call_1', decision: 'reject', reason: 'Too many readers' }],
      [3, content('I sent nothing.')],
      [4, ended(4, 0)],
    ];
    const { chatId } = await bringIn(stage.app, [{ question: 'Mail them', told }]);
    await chat.open(`/chats/${chatId}`);
    await chat.button(/^Worked for/).click();
    const card = now.page.getByRole('region', { name: 'Approval of send_mail' });
    await card.getByText('Rejected').waitFor();
    expect(await card.textContent()).toContain('Too many readers');
    expect(await card.textContent()).toContain("to='everybody@company.com'");
    expect(await card.getByRole('button').count()).toBe(0);
  });

  it('asks for approval, and sends the decision', async () => {
    await chat.open();
    await chat.send('Mail everybody');
    await stage.model.next('Mail everybody');
    const [question] = await stage.client.history(chat.chatId);
    // No tool of the server needs approval yet; the log that it will write is known.
    const frame = (seq: number, body: EventBody): string => {
      const id = `1760270888823_${String(seq).padStart(4, '0')}_a26344ee`;
      const ids = { message_id: question.message_id, chat_id: chat.chatId };
      const event = { v: 1, id, ts: '2026-01-01T00:00:00.000Z', ...ids, ...body };
      return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
    };
    let frames = frame(0, start) + frame(1, ASK);
    await now.page.route('**/stream', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: `retry: 10\n\n${frames}` }),
    );
    let sent: unknown;
    await now.page.route('**/approvals/call_1', async (route) => {
      sent = route.request().postDataJSON();
      frames += frame(2, { type: 'approval_resolved', call_id: 'call_1', decision: 'approve' });
      await route.fulfill({ json: {} });
    });
    await now.page.reload();
    const card = now.page.getByRole('region', { name: 'Approval of send_mail' });
    await card.getByRole('textbox', { name: 'Reason' }).fill('They wait for it');
    await card.getByRole('button', { name: 'Approve' }).click();
    await card.getByText('Approved').waitFor();
    expect(sent).toEqual({ decision: 'approve', reason: 'They wait for it' });
  });
});
