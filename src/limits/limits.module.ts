import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RequestCounts } from './request-counts.js';

/** How many requests one caller may make. After the module that finds out who asks. */
@Module({ providers: [RequestCounts, { provide: APP_GUARD, useClass: RateLimitGuard }] })
export class LimitsModule {}
