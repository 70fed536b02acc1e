import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { AppError, clip } from '../../common/index.js';
import { parseHost, type Settings } from '../config/index.js';

const READING_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Requests that change something although their method promises not to: a user is created on first sight, an agent is asked. */
const CHANGING_PATHS = [/^\/api\/users\/[^/]+\/?$/i, /^\/api\/stream\/(?!stats(\/|$))[^/]+\/?$/i];

/**
 * Refuses what pages of other sites send, if it would change something (docs/decisions/030): a browser sends a POST
 * without asking first, and a cookie with it. Requests that no browser sent have neither header.
 */
export function refuseForeignPages(settings: Settings): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    if (!isFromElsewhere(request) || !changesSomething(request) || isListed(request, settings)) next();
    else next(new AppError('cross_site', { origin: shownOrigin(request) }));
  };
}

/** Whether a method promises to change nothing. */
export const isReading = (method: string): boolean => READING_METHODS.has(method);

function changesSomething({ method, path }: Request): boolean {
  return !isReading(method) || CHANGING_PATHS.some((pattern) => pattern.test(path));
}

/** Whether a page of another origin sent it: other ports and subdomains are not ours either. */
export function isFromElsewhere(request: Pick<Request, 'headers'>): boolean {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  // What the browser says about the address it sees is right behind any proxy; `none` is a person, not a page.
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && !isOurs(origin, request);
}

/**
 * For routes that set or end a login: no page of another origin, listed or not, may sign somebody in or out.
 * @throws AppError 403 `cross_site`.
 */
@Injectable()
export class SameOriginOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (isFromElsewhere(request)) throw new AppError('cross_site', { origin: shownOrigin(request) });
    return true;
  }
}

/** Whether a page may open a connection on which anything can be asked: one of ours, or of an origin that is listed. */
export function mayConnect(request: Request, settings: Settings): boolean {
  return !isFromElsewhere(request) || isListed(request, settings);
}

/** `*` opens the API to pages of any origin, but not to act for a person whose cookie the browser adds. */
function isListed({ headers: { origin, cookie } }: Request, settings: Settings): boolean {
  const { CORS_ORIGINS, AUTH_COOKIE } = settings;
  if (origin !== undefined && CORS_ORIGINS.includes(origin)) return true;
  return CORS_ORIGINS.includes('*') && cookie?.includes(`${AUTH_COOKIE}=`) !== true;
}

/** For browsers that do not send `Sec-Fetch-Site`, as all do for plain http on other machines. */
function isOurs(origin: string, { headers }: Pick<Request, 'headers'>): boolean {
  if (!URL.canParse(origin)) return false; // "null": a sandboxed frame, a file
  const { protocol, hostname, port } = new URL(origin);
  const forwardedProtocol = headers['x-forwarded-proto'];
  if (forwardedProtocol !== undefined && `${first(forwardedProtocol)}:` !== protocol) return false;
  // No page of another site can add this header: its browser would ask first.
  const forwardedHost = headers['x-forwarded-host'];
  const names = [headers.host, ...(forwardedHost === undefined ? [] : [first(forwardedHost)])];
  return names.some((name) => {
    const ours = parseHost(name ?? '');
    return ours?.host === hostname.replace(/^\[|\]$/g, '') && samePort(protocol, ours.port, port);
  });
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

function samePort(protocol: string, ours: string, theirs: string): boolean {
  return (ours || DEFAULT_PORTS[protocol]) === (theirs || DEFAULT_PORTS[protocol]);
}

const first = (header: string | string[]): string =>
  (String(header).split(',')[0] ?? '').trim().toLowerCase();

function shownOrigin({ headers: { origin } }: Request): string | undefined {
  return origin === undefined ? undefined : clip(origin, 100);
}
