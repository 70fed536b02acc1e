import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { tool } from './tools.js';

/**
 * A real headless browser. `CHROMIUM_PATH` replaces the system's.
 * @param flags further command-line arguments.
 */
export async function openBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? tool('chromium');
  // The sandbox needs rights that containers do not have; the pages are our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...flags] });
}

/** Who visits the page, and with what. */
export interface VisitOptions {
  /** Default: a new user. */
  user?: string;
  theme?: 'light' | 'dark';
  /** As narrow as a phone, with touch instead of a mouse. */
  isPhone?: boolean;
}

/** A visit to the application's page, with its own storage. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  /** What the browser complained about: errors from scripts, the console, the page's policy. */
  faults: string[];
}

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** How long a person would wait for a page before assuming a fault, ms. */
const PATIENCE_MS = 10_000;

/** Opens the page's site; relative addresses resolve against it. Close the `context` at the end. */
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

/** Another tab of the same visitor. */
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
