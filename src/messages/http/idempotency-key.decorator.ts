import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../common/index.js';

const PATTERN = /^[\x21-\x7e]{1,255}$/;

/** The `Idempotency-Key` header: 1 to 255 visible ASCII characters, or absent. */
export const IdempotencyKey = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined => {
    const value = context.switchToHttp().getRequest<IncomingMessage>().headers['idempotency-key'];
    if (value === undefined || (typeof value === 'string' && PATTERN.test(value))) return value;
    throw new AppError('invalid_idempotency_key');
  },
);
