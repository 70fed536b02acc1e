import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { callerOf } from '../platform/http/index.js';
import { RequestLimit } from './request-limit.js';

/** What operators' machines ask every few seconds. */
const OPERATIONS = /^\/(health|metrics)(\/|\?|$)/;

/**
 * Limits how many requests one caller makes, whatever routes they are for: one user if a login proves who it is, else
 * one address. After the guard that finds out who asks.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly limit: RequestLimit) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    // A service that acts for its own users limits them itself.
    if (OPERATIONS.test(request.originalUrl) || callerOf(request)?.isService) return true;
    await this.limit.count(request, http.getResponse<Response>());
    return true;
  }
}
