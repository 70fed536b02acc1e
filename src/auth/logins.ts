import type { Request } from 'express';
import type { Caller } from '../platform/http/index.js';

/** How people log in, by `AUTH_MODE`. */
export abstract class Logins {
  /** Whose bearer token this is. @throws AppError 401. */
  abstract byToken(token: string): Promise<Caller>;

  /** The login that a browser sends by itself; nothing if it sends none. */
  abstract cookieOf(request: Request): string | undefined;

  /** Whose cookie this is. @throws AppError 401. */
  abstract byCookie(cookie: string, request: Request): Promise<Caller>;
}
