import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ANY_USER, AppError } from '../common/index.js';
import {
  Authenticator,
  bearerOf,
  isFromElsewhere,
  type Caller,
  type RouteAccess,
} from '../platform/http/index.js';
import { Logins } from './logins.js';
import { Tickets } from './tickets.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { isAccessToken } from './tokens/token-text.js';

/** Knows callers by a token in the `Authorization` header, a ticket in the address of a stream, or a cookie. */
@Injectable()
export class TokenAuthentication extends Authenticator {
  constructor(
    private readonly logins: Logins,
    private readonly accessTokens: AccessTokens,
    private readonly tickets: Tickets,
  ) {
    super();
  }

  override async authenticate(request: Request, access: RouteAccess): Promise<Caller> {
    const bearer = bearerOf(request);
    if (bearer !== undefined)
      return isAccessToken(bearer) ? this.accessTokens.caller(bearer) : this.logins.byToken(bearer);
    // A browser adds it to what any page sends: only pages of this very origin may use it.
    const cookie = isFromElsewhere(request) ? undefined : this.logins.cookieOf(request);
    const ticket = access === 'ticket' ? request.query['ticket'] : undefined;
    if (ticket !== undefined) return this.byTicket(request, ticket, cookie);
    if (cookie === undefined) throw new AppError('token_missing');
    return this.logins.byCookie(cookie, request);
  }

  /** The same person's cookie says more than the ticket, and may be newer. */
  private async byTicket(request: Request, ticket: unknown, cookie: string | undefined): Promise<Caller> {
    const byCookie =
      cookie === undefined ? undefined : await this.logins.byCookie(cookie, request).catch(noCaller);
    if (typeof ticket !== 'string') throw new AppError('ticket_invalid');
    try {
      const byTicket = await this.tickets.caller(ticket, String(request.params['message_id']));
      return byCookie && isIncluded(byTicket, byCookie) ? byCookie : byTicket;
    } catch (error) {
      if (byCookie && error instanceof AppError && error.status === 401) return byCookie;
      throw error;
    }
  }
}

function isIncluded(caller: Caller, other: Caller): boolean {
  return caller.tenant === other.tenant && (other.user === ANY_USER || other.user === caller.user);
}

function noCaller(error: unknown): undefined {
  if (error instanceof AppError && error.status === 401) return undefined;
  throw error;
}
