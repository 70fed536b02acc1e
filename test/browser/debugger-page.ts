import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';
import { until } from '../support/until.js';
import { exactly } from './chat-page.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The replay debugger as a person sees it. */
export class DebuggerPage {
  readonly slider: Locator;
  readonly table: Locator;
  readonly rows: Locator;
  readonly search: Locator;
  /** The chat at the replay's position. */
  readonly seen: Locator;

  constructor(readonly page: Page) {
    this.slider = page.getByRole('slider', { name: 'Time' });
    this.table = page.getByRole('grid', { name: 'Events' });
    this.rows = this.table.locator('[data-row]');
    this.search = page.getByRole('searchbox', { name: 'Search the log' });
    this.seen = page.getByRole('region', { name: 'The chat at this moment' });
  }

  /** Opens a run, and waits until it is visible. */
  async open(messageId: string, query = ''): Promise<this> {
    await this.page.goto(`/debug/${messageId}${query}`);
    await this.slider.waitFor();
    return this;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  tab(name: string | RegExp): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** One event in the table. */
  row(index: number): Locator {
    return this.table.locator(`[data-row="${index}"]`);
  }

  /** The event at the replay's position. */
  async index(): Promise<number> {
    return Number(await this.slider.getAttribute('aria-valuenow'));
  }

  /** Resolves when the replay is at this event, and the table shows it. */
  async standsAt(index: number): Promise<void> {
    await this.page.locator(`[role=slider][aria-valuenow="${index}"]`).waitFor();
    const row = this.table.locator(`[data-row="${index}"][aria-selected=true]`);
    await row.waitFor();
    await until(`event ${index} is in sight`, async () => {
      const [at, within] = await Promise.all([row.boundingBox(), this.table.boundingBox()]);
      if (!at || !within) return false;
      return at.y >= within.y && at.y + at.height <= within.y + within.height + 1;
    });
  }

  /** The figure under a label. */
  async figure(label: string): Promise<string> {
    const figure = this.page
      .getByRole('region', { name: 'Figures' })
      .locator('> *')
      .filter({
        has: this.page.getByText(exactly(label)),
      });
    return (await figure.locator('span').nth(1).textContent()) ?? '';
  }

  /** The event the panel shows. */
  async event(): Promise<unknown> {
    const json = this.page.getByRole('region', { name: 'Event as JSON' }).locator('pre').first();
    return JSON.parse((await json.textContent()) ?? '');
  }

  /** Drags the handle from one fraction of the time to another, in many small movements. */
  drag(from: number, to: number, moves = 20): Promise<void> {
    return this.dragOn(this.slider, { from, to, moves });
  }

  /** Drags over a part of the waterfall. */
  selectTime(from: number, to: number): Promise<void> {
    return this.dragOn(this.page.getByRole('group', { name: /^Waterfall/ }), { from, to, moves: 5 });
  }

  private async dragOn(on: Locator, way: { from: number; to: number; moves: number }): Promise<void> {
    const { from, to, moves } = way;
    const box = await on.boundingBox();
    if (!box) throw new Error('There is nothing in sight to drag on.');
    const at = (share: number): [number, number] => [box.x + box.width * share, box.y + box.height / 2];
    await this.page.mouse.move(...at(from));
    await this.page.mouse.down();
    for (let move = 1; move <= moves; move++)
      await this.page.mouse.move(...at(from + ((to - from) * move) / moves));
    await this.page.mouse.up();
  }

  /** What was copied last. The visit needs permission to read it. */
  clipboard(): Promise<string> {
    return this.page.evaluate('navigator.clipboard.readText()');
  }

  /** Serious and critical faults that axe finds in the page without its frame, as `rule: element`. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(await readFile(AXE, 'utf8'));
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: (within: string) => Promise<AxeResults> } };
      const { violations } = await axe.run('main');
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
    });
  }
}

interface AxeResults {
  violations: { id: string; impact: string; nodes: { html: string }[] }[];
}
