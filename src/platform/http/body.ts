import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../../common/index.js';

const JSON_TYPES = ['application/json', 'application/*+json'];

/** Takes JSON bodies and refuses all others, so that a form is a 415 and not a mysterious empty body. */
export function acceptJsonBodies(app: NestExpressApplication, maxBytes: number): void {
  app.use(refuseOtherTypes);
  // A body like `5` is JSON (`strict: false`); that it is not an object is for validation to say.
  const options = { limit: maxBytes, type: JSON_TYPES, strict: false, verify: refuseOtherText };
  app.useBodyParser('json', options);
}

function refuseOtherTypes(request: Request, _response: Response, next: NextFunction): void {
  // `is` answers null without a body, false for another type. A body of length 0 is nobody's type.
  const other = request.is(JSON_TYPES) === false && request.headers['content-length'] !== '0';
  if (!other) next();
  else next(new AppError('unsupported_media_type', {}));
}

/**
 * The parser would decode UTF-7, UTF-16 and UTF-32 as well, and put U+FFFD in place of what it cannot read: the
 * client's text, changed without a word.
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
