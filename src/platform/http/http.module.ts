import { Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { OperatorsToken } from './operators-token.js';
import { routeNotFound } from './route-not-found.js';
import { ScopeGuard } from './scope.guard.js';

/** Finds out who asks, and catches what no route took. Needs an `Authenticator` from the application. */
@Module({
  providers: [OperatorsToken, { provide: APP_GUARD, useClass: ScopeGuard }],
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
