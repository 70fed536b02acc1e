import { Injectable } from '@nestjs/common';
import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  ANY_USER,
  AppError,
  Clock,
  parseJson,
  type Permission,
  type Scope,
  type TenantId,
} from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import type { Caller } from '../platform/http/index.js';
import { Credentials } from './credentials.js';
import { ServerKeys } from './server-keys.js';

const LIFETIME_MS = 86_400_000;

/** What a ticket says. Short names: it is part of an address. */
interface Contents {
  /** message */
  m: string;
  /** tenant */
  t: string;
  /** user; missing: any user of the tenant */
  u?: string;
  /** when it was issued, epoch ms */
  i: number;
  /** the personal token or the login with which it was requested, which takes it with it when it is withdrawn */
  c?: string;
}

/**
 * Tickets: what stands in the address of a stream, because an `EventSource` sends no headers (docs/decisions/031).
 * When it ends depends on the run, which is not known when the ticket is issued; see {@link Permission}.
 */
@Injectable()
export class Tickets {
  private signingKey: Buffer | undefined;

  constructor(
    private readonly keys: ServerKeys,
    private readonly credentials: Credentials,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** For this message alone, and whoever asked for it. */
  issue({ tenant, user, permission }: Scope, messageId: string): string {
    const contents: Contents = {
      m: messageId,
      t: tenant,
      ...(user !== ANY_USER && { u: user }),
      i: this.clock.now(),
      ...(permission?.credential !== undefined && { c: permission.credential }),
    };
    const text = Buffer.from(JSON.stringify(contents)).toString('base64url');
    return `${text}.${this.sign(text).toString('base64url')}`;
  }

  /**
   * Who holds a ticket for this message.
   * @throws AppError 401 `ticket_invalid`, `ticket_expired`. `Permission.covers` has to be asked as well.
   */
  async caller(ticket: string, messageId: string): Promise<Caller> {
    const { m, t, u, i, c } = this.read(ticket);
    if (m !== messageId.toLowerCase()) throw new AppError('ticket_invalid');
    const isAlive = c === undefined || (await this.credentials.exists(c));
    if (!isAlive || this.clock.now() >= i + LIFETIME_MS) throw new AppError('ticket_expired');
    return {
      tenant: t as TenantId,
      user: u ?? ANY_USER,
      ...(u !== undefined && { subject: u }),
      rights: ['read'],
      permission: this.permission(i, c),
    };
  }

  private permission(issued: number, credential: string | undefined): Permission {
    const grace = this.settings.TICKET_GRACE_MS;
    return {
      until: issued + LIFETIME_MS,
      covers: (endedAt) =>
        endedAt === undefined || this.clock.now() < Math.max(issued, endedAt.getTime()) + grace,
      ...(credential !== undefined && { isWithdrawn: () => this.credentials.isWithdrawn(credential) }),
    };
  }

  private read(ticket: string): Contents {
    const [text = '', signature = ''] = ticket.split('.');
    const given = Buffer.from(signature, 'base64url');
    const right = this.sign(text);
    if (given.length !== right.length || !timingSafeEqual(given, right)) throw new AppError('ticket_invalid');
    return parseJson(Buffer.from(text, 'base64url').toString()) as Contents;
  }

  private sign(text: string): Buffer {
    this.signingKey ??= this.keys.derive('ticket');
    return createHmac('sha256', this.signingKey).update(text).digest();
  }
}
