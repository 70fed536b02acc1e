import type { Locator, Page } from 'playwright-core';

/** The chat page as a person sees it. */
export class ChatPage {
  readonly box: Locator;
  /** Questions with their answers. */
  readonly exchanges: Locator;

  constructor(readonly page: Page) {
    this.box = page.getByRole('textbox', { name: 'Message' });
    this.exchanges = page.locator('[data-message]');
  }

  /** Opens a new chat, or an address. */
  async open(address = '/'): Promise<this> {
    await this.page.goto(address);
    await this.box.waitFor();
    return this;
  }

  async send(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press('Enter');
  }

  /** What the agent says in one exchange, counted from 0; -1 is the last. */
  text(exchange = -1): Locator {
    return this.exchanges.nth(exchange).locator('[data-text]');
  }

  /** Resolves when an answer, the last one, is exactly this text. */
  async says(text: string, exchange = -1): Promise<void> {
    await this.text(exchange)
      .filter({ hasText: exactly(text) })
      .waitFor();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  /** Resolves when the run of the last exchange has ended well. */
  async completed(): Promise<void> {
    await this.exchanges.last().getByRole('button', { name: 'Copy answer' }).waitFor();
  }

  /** The chat that the address names. */
  get chatId(): string {
    return new URL(this.page.url()).pathname.split('/')[2] ?? '';
  }
}

/** Matches the whole text. */
export function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}$`);
}
