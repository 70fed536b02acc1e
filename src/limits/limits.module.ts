import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { bind } from '../common/index.js';
import { RefusedRequests } from '../platform/http/index.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RequestCounts } from './request-counts.js';
import { RequestLimit } from './request-limit.js';

/** How many requests one caller may make. After the module that finds out who asks. */
@Global()
@Module({
  providers: [
    RequestCounts,
    RequestLimit,
    bind(RefusedRequests, { useExisting: RequestLimit }),
    { provide: APP_GUARD, useClass: RateLimitGuard },
  ],
  exports: [RefusedRequests],
})
export class LimitsModule {}
