import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Settings } from '../platform/config/index.js';
import { PinoLogger } from '../platform/logging/index.js';
import { BUILD } from './build-folder.js';
import { cacheHeaders, PAGE_HEADERS } from './page-headers.js';
import { preferGzip } from './prefer-gzip.js';
import { loginMark, servePage } from './serve-page.js';

/**
 * Serves the page that `libs/web` builds. Import it before `HttpModule`: both register handlers after the routes, in
 * the order of the imports, and `HttpModule` rejects what neither a route nor the page handles.
 */
@Module({})
export class WebModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly logger: PinoLogger,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    if (!existsSync(path.join(BUILD, 'index.html')))
      this.logger.warn('The page has not been built: run "npm run build". The API works without it.');
    const server = this.host.httpAdapter as unknown as Pick<
      NestExpressApplication,
      'use' | 'useStaticAssets'
    >;
    server.use(preferGzip(BUILD));
    server.useStaticAssets(BUILD, {
      index: false,
      redirect: false,
      setHeaders: (response: Response, file: string) => {
        response.set({ ...PAGE_HEADERS, ...cacheHeaders(file) });
      },
    });
    const { AUTH_MODE, AUTH_LOGIN_URL } = this.settings;
    server.use(servePage(BUILD, AUTH_MODE === 'none' ? undefined : loginMark(AUTH_LOGIN_URL)));
  }
}
