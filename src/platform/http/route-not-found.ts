import type { Request } from 'express';
import { AppError, clip } from '../../common/index.js';

/** 404 `route_not_found` for the method and path of a request. */
export function routeNotFound({ method, originalUrl }: Pick<Request, 'method' | 'originalUrl'>): AppError {
  const path = clip(originalUrl.split('?', 1)[0] ?? '', 200);
  return new AppError('route_not_found', { method, path });
}
