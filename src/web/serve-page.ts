import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../common/index.js';
import { cacheHeaders, PAGE_HEADERS } from './page-headers.js';

/** The routes of the page, as in `libs/web/src/app.tsx`. */
const ROUTES = [
  /^\/$/,
  /^\/chats\/[^/]+\/?$/,
  /^\/documents\/?$/,
  /^\/debug\/[^/]+\/?$/,
  /^\/(?:join|account)\/?$/,
  /^\/admin(?:\/[a-z]+)?\/?$/,
];

/** Paths for programs; a browser that goes there gets the problem as well. */
const NEVER = /^\/(?:api|assets|health|metrics|v1)(?:\/|$)/;

/** What the page has to know before it can ask. */
export interface LoginMark {
  mode: string;
  /** Where people log in; missing: the page cannot say. */
  loginUrl?: string | undefined;
  /** What the OpenID provider is called; missing: there is none. */
  provider?: string | undefined;
}

/** Tells the page that the server knows its users, and how. */
export function loginMark({ mode, loginUrl = '', provider }: LoginMark): string {
  const more = provider === undefined ? '' : ` data-provider="${escaped(provider)}"`;
  return `<meta name="reprise-login" content="${escaped(loginUrl)}" data-mode="${escaped(mode)}"${more}>`;
}

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');

/**
 * Serves the page for the page's own routes. For any other path a browser gets the page's "not found" (404); all other
 * clients are left to the next handler.
 * @param mark is put into its head.
 */
export function servePage(build: string, mark?: string): RequestHandler {
  const file = path.join(build, 'index.html');
  return (request: Request, response: Response, next: NextFunction) => {
    const status = statusOf(request);
    if (status === undefined) next();
    else if (!existsSync(file)) next(new AppError('page_not_built'));
    else {
      response.status(status).set({ ...PAGE_HEADERS, ...cacheHeaders(file) });
      if (mark === undefined) response.sendFile(file, { cacheControl: false });
      else response.type('html').send(readFileSync(file, 'utf8').replace('<head>', `<head>${mark}`));
    }
  };
}

function statusOf(request: Request): 200 | 404 | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
  if (ROUTES.some((route) => route.test(request.path))) return 200;
  if (NEVER.test(request.path)) return undefined;
  return isBrowser(request) ? 404 : undefined;
}

/** A browser that opens a page accepts HTML explicitly; `*\/*` does not say so. */
function isBrowser({ headers }: Request): boolean {
  return (headers.accept ?? '').includes('text/html');
}
