import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppError } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { addressKey, addressOf, callerOf, RefusedRequests } from '../platform/http/index.js';
import type { Counted } from '../platform/redis/index.js';
import { RequestCounts, WINDOW_S } from './request-counts.js';

/**
 * The limit of requests. Answers say what is left (`RateLimit`, `RateLimit-Policy`, and the older `X-RateLimit-*`).
 * What is refused because nobody knows the caller counts for the address, so that nobody can try tokens without end.
 */
@Injectable()
export class RequestLimit extends RefusedRequests {
  constructor(
    private readonly counts: RequestCounts,
    private readonly settings: Settings,
  ) {
    super();
  }

  /** Counts a request. @throws AppError 429 `rate_limited`. */
  override async count(request: Request, response: Response): Promise<void> {
    if (this.isUnlimited(request)) return;
    const { limit } = this.counts;
    const counted = await this.counts.count(nameOf(request));
    tell(response, limit, counted);
    if (counted.count > limit) throw new AppError('rate_limited', { limit, seconds: counted.seconds });
  }

  private isUnlimited(request: Request): boolean {
    const { RATE_LIMIT_PER_MINUTE: limit, AUTH_MODE } = this.settings;
    if (limit !== undefined) return limit === 0;
    return AUTH_MODE === 'none' && addressOf(request)?.range() === 'loopback';
  }
}

function nameOf(request: Request): string {
  const caller = callerOf(request);
  if (caller?.subject !== undefined) return `user:${caller.tenant}:${caller.subject}`;
  return `address:${addressKey(request)}`;
}

function tell(response: Response, limit: number, { count, seconds }: Counted): void {
  const left = Math.max(0, limit - count);
  response.setHeader('RateLimit-Policy', `"requests";q=${limit};w=${WINDOW_S}`);
  response.setHeader('RateLimit', `"requests";r=${left};t=${seconds}`);
  response.setHeader('X-RateLimit-Limit', limit);
  response.setHeader('X-RateLimit-Remaining', left);
  response.setHeader('X-RateLimit-Reset', seconds);
}
