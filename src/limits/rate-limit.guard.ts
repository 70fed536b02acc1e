import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import ipaddr from 'ipaddr.js';
import { AppError } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { callerOf } from '../platform/http/index.js';
import { RequestCounts, WINDOW_S, type Counted } from './request-counts.js';

/** What operators' machines ask every few seconds. */
const OPERATIONS = /^\/(health|metrics)(\/|\?|$)/;

/** Of an IPv6 address: whoever has one of a subnet has all of them. */
const SUBNET_PARTS = 4;

/**
 * Limits how many requests one caller makes, whatever routes they are for: one user if a login proves who it is, else
 * one address. Answers say what is left (`RateLimit`, `RateLimit-Policy`, and the older `X-RateLimit-*`). After the
 * guard that finds out who asks.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly counts: RequestCounts,
    private readonly settings: Settings,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    if (OPERATIONS.test(request.originalUrl) || this.isUnlimited(request)) return true;
    const { limit } = this.counts;
    const counted = await this.counts.count(nameOf(request));
    tell(http.getResponse<Response>(), limit, counted);
    if (counted.requests > limit) throw new AppError('rate_limited', { limit, seconds: counted.seconds });
    return true;
  }

  /** A service that acts for its own users limits them itself. */
  private isUnlimited(request: Request): boolean {
    if (callerOf(request)?.isService) return true;
    const { RATE_LIMIT_PER_MINUTE: limit, AUTH_MODE } = this.settings;
    if (limit !== undefined) return limit === 0;
    return AUTH_MODE === 'none' && addressOf(request)?.range() === 'loopback';
  }
}

function nameOf(request: Request): string {
  const caller = callerOf(request);
  if (caller?.subject !== undefined) return `user:${caller.tenant}:${caller.subject}`;
  const address = addressOf(request);
  if (!address) return 'address:unknown';
  const isLong = address instanceof ipaddr.IPv6;
  return `address:${isLong ? address.parts.slice(0, SUBNET_PARTS).join(':') : address.toString()}`;
}

function addressOf({ ip }: Request): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return ip !== undefined && ipaddr.isValid(ip) ? ipaddr.process(ip) : undefined;
}

function tell(response: Response, limit: number, { requests, seconds }: Counted): void {
  const left = Math.max(0, limit - requests);
  response.setHeader('RateLimit-Policy', `"requests";q=${limit};w=${WINDOW_S}`);
  response.setHeader('RateLimit', `"requests";r=${left};t=${seconds}`);
  response.setHeader('X-RateLimit-Limit', limit);
  response.setHeader('X-RateLimit-Remaining', left);
  response.setHeader('X-RateLimit-Reset', seconds);
}
