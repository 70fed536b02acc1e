import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ANY_USER, AppError } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { Authenticator, bearerOf, type Caller, type RouteAccess } from '../platform/http/index.js';
import { cookieOf } from './cookie.js';
import { JwtCallers } from './jwt-callers.js';
import { Tickets } from './tickets.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { isAccessToken } from './tokens/token-text.js';

/** Knows callers by a token in the `Authorization` header, a ticket in the address of a stream, or a cookie. */
@Injectable()
export class TokenAuthentication extends Authenticator {
  constructor(
    private readonly jwts: JwtCallers,
    private readonly accessTokens: AccessTokens,
    private readonly tickets: Tickets,
    private readonly settings: Settings,
  ) {
    super();
  }

  override async authenticate(request: Request, access: RouteAccess): Promise<Caller> {
    const bearer = bearerOf(request);
    if (bearer !== undefined)
      return isAccessToken(bearer) ? this.accessTokens.caller(bearer) : this.jwts.caller(bearer);
    const cookie = cookieOf(request, this.settings.AUTH_COOKIE);
    const ticket = access === 'ticket' ? request.query['ticket'] : undefined;
    if (ticket !== undefined) return this.byTicket(request, ticket, cookie);
    if (cookie === undefined) throw new AppError('token_missing');
    return this.jwts.caller(cookie);
  }

  /** The same person's cookie says more than the ticket, and may be newer. */
  private async byTicket({ params }: Request, ticket: unknown, cookie: string | undefined): Promise<Caller> {
    const byCookie = cookie === undefined ? undefined : await this.jwts.caller(cookie).catch(noCaller);
    if (typeof ticket !== 'string') throw new AppError('ticket_invalid');
    try {
      const byTicket = await this.tickets.caller(ticket, String(params['message_id']));
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
