import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AppError } from '../../common/index.js';
import { Settings } from '../config/index.js';
import { bearerOf, isSameSecret } from './bearer.js';

/** Keeps the figures of the deployment, which belong to no tenant, from the people who use it. */
@Injectable()
export class OperatorsToken {
  constructor(private readonly settings: Settings) {}

  /** @throws AppError 401 `token_missing`, `token_invalid`. */
  check(request: Request): void {
    const { METRICS_TOKEN, AUTH_MODE } = this.settings;
    if (METRICS_TOKEN === undefined && AUTH_MODE === 'none') return;
    const given = bearerOf(request);
    if (given === undefined) throw new AppError('token_missing');
    if (METRICS_TOKEN === undefined || !isSameSecret(given, METRICS_TOKEN))
      throw new AppError('token_invalid', { why: 'this needs the METRICS_TOKEN of this server' });
  }
}
