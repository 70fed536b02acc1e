import { Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { bind } from '../../common/index.js';
import { Authenticator, NoAuthentication } from './authenticator.js';
import { routeNotFound } from './route-not-found.js';
import { ScopeGuard } from './scope.guard.js';

/** Finds out who asks, and catches what no route took. */
@Module({
  providers: [
    bind(Authenticator, { useClass: NoAuthentication }),
    { provide: APP_GUARD, useClass: ScopeGuard },
  ],
})
export class HttpModule implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  /**
   * Runs after the routes and before the error handlers are registered. Nest's own not-found handler covers only the
   * prefix; elsewhere Express would respond with an HTML page.
   */
  onModuleInit(): void {
    this.host.httpAdapter.use((request: Request, _response: Response, next: NextFunction) => {
      next(routeNotFound(request));
    });
  }
}
