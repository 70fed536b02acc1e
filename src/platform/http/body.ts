import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../../common/index.js';

/** The one route that takes a file: whoever serves it reads the form. */
const UPLOADS = /^\/api\/users\/[^/]+\/files\/?$/;
const FORM = 'multipart/form-data';
const JSON_TYPES = ['application/json', 'application/*+json'];

/** Accepts JSON bodies, and forms where files are uploaded, and rejects all others, so that a form gets a 415 and not a mysterious empty body. */
export function acceptJsonBodies(app: NestExpressApplication, maxBytes: number): void {
  app.use(refuseOtherTypes);
  // A body like `5` is JSON (`strict: false`); validation reports that it is not an object.
  const options = { limit: maxBytes, type: JSON_TYPES, strict: false, verify: refuseOtherText };
  app.useBodyParser('json', options);
}

function refuseOtherTypes(request: Request, _response: Response, next: NextFunction): void {
  if (request.method === 'POST' && UPLOADS.test(request.path)) {
    next(request.is(FORM) ? undefined : new AppError('unsupported_media_type', { upload: true }));
    return;
  }
  // `is` returns null without a body, false for another type. A body of length 0 has no type.
  const other = request.is(JSON_TYPES) === false && request.headers['content-length'] !== '0';
  if (!other) next();
  else next(new AppError('unsupported_media_type', {}));
}

/**
 * The parser would also decode UTF-7, UTF-16 and UTF-32, and replace what it cannot read with U+FFFD: it would
 * silently change the client's text.
 */
function refuseOtherText(
  _request: IncomingMessage,
  _response: ServerResponse,
  body: Buffer,
  encoding: string,
): void {
  if (encoding !== 'utf-8') throw new AppError('unsupported_media_type', {});
  if (isUtf8(body)) return;
  throw new AppError('invalid_json', { isUtf8: false });
}
