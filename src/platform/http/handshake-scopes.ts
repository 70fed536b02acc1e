import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { IncomingMessage } from 'node:http';
import { AppError, type Scope } from '../../common/index.js';
import { makeScope } from '../../common/scope-factory.js';
import { Authenticator, type Right } from './authenticator.js';

/** Who asks over a connection that stays open: by its handshake, or by a token that came later. */
@Injectable()
export class HandshakeScopes {
  constructor(private readonly authenticator: Authenticator) {}

  /**
   * What the guard does for a request.
   * @param token instead of what the handshake has.
   * @throws AppError 401, 403 `insufficient_scope`.
   */
  async of(handshake: IncomingMessage, needed: Right, token?: string): Promise<Scope> {
    const { cookie: _cookie, ...others } = handshake.headers;
    const headers = token === undefined ? handshake.headers : { ...others, authorization: `Bearer ${token}` };
    const request = { headers, params: {}, query: {}, method: 'GET', url: '/' } as unknown as Request;
    const { tenant, user, permission, rights } = await this.authenticator.authenticate(request, 'login');
    if (rights && !rights.includes(needed)) throw new AppError('insufficient_scope', { needed });
    return makeScope({ tenant, user, permission });
  }
}
