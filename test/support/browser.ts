import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { tool } from './tools.js';

/**
 * A real browser without a window. `CHROMIUM_PATH` names another one than the system's.
 * @param flags more of its command line.
 */
export async function openBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? tool('chromium');
  // The sandbox needs rights that containers do not give; the pages are our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...flags] });
}

/** Who visits the page, and with what. */
export interface VisitOptions {
  /** Default: somebody new. */
  user?: string;
  theme?: 'light' | 'dark';
  /** As wide as a phone, with touch instead of a mouse. */
  isPhone?: boolean;
}

/** A visit to the page of the application, with storage of its own. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  /** What the browser complained about: errors of scripts, of the console, of the page's policy. */
  faults: string[];
}

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** How long a person would wait for a page before something is wrong, ms. */
const PATIENCE_MS = 10_000;

/** Opens the page's site; relative addresses lead into it. Close the `context` at the end. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const { user, theme = 'light', isPhone = false } = options;
  const context = await browser.newContext({
    baseURL: url,
    viewport: isPhone ? PHONE : DESK,
    hasTouch: isPhone,
    isMobile: isPhone,
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  if (user !== undefined)
    await context.addInitScript(`localStorage.setItem('reprise.user', ${JSON.stringify(user)})`);
  return { context, ...(await anotherTab(context)) };
}

/** One more tab of the same visitor. */
export async function anotherTab(context: BrowserContext): Promise<Pick<Visit, 'page' | 'faults'>> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  return { page, faults };
}
