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
    server.use(servePage(BUILD, this.mark()));
  }

  private mark(): string | undefined {
    const { AUTH_MODE: mode, AUTH_LOGIN_URL: loginUrl, OIDC_ISSUER, OIDC_NAME } = this.settings;
    if (mode === 'none') return undefined;
    if (mode === 'jwt') return loginMark({ mode, loginUrl });
    const provider = OIDC_ISSUER === undefined ? undefined : (OIDC_NAME ?? new URL(OIDC_ISSUER).host);
    return loginMark({ mode, provider });
  }
}
