import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AppError } from '../../common/index.js';

const HINTS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'] as const;

/**
 * For a GET that starts a run: refuses what only looks, a HEAD and a browser that loads an address before somebody goes
 * there. Pages of other sites are refused with those of every request that changes something.
 * @throws AppError 405 `method_not_allowed`, 403 `prefetch_refused`.
 */
export const PersonStarts = createParamDecorator((_: unknown, context: ExecutionContext): true => {
  const { method, headers } = context.switchToHttp().getRequest<Request>();
  if (method === 'HEAD')
    throw new AppError('method_not_allowed', { message: 'This address starts a run: use GET.' });
  const purposes = HINTS.map((name) => String(headers[name] ?? ''));
  if (purposes.some((purpose) => /prefetch|prerender|preview/i.test(purpose)))
    throw new AppError('prefetch_refused');
  return true;
});
