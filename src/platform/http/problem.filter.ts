import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AppError } from '../../common/index.js';
import { PinoLogger } from '../logging/index.js';
import { ErrorForms } from './error-forms.js';
import { PROBLEM_TYPE, toProblem } from './problem.js';
import { requestId } from './request-id.js';
import { traceIdOf } from './request-trace.js';
import { toAppError } from './to-app-error.js';

/**
 * The one place that turns errors into responses: `application/problem+json`, or what the clients of a door expect
 * instead, without internal details.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: PinoLogger,
    private readonly forms = new ErrorForms(),
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const error = toAppError(thrown, request);
    if (error.status >= 500) this.report(error, request);
    if (response.headersSent) {
      response.end();
      return;
    }
    if (error.retryAfter !== undefined) response.setHeader('Retry-After', error.retryAfter);
    const challenge = challengeOf(error);
    if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge);
    const form = this.forms.find(request);
    const id = requestId(request);
    for (const [name, value] of Object.entries(form?.headers?.(error) ?? {})) response.setHeader(name, value);
    response.status(error.status).type(form?.type ?? PROBLEM_TYPE);
    response.end(form ? form.body(error, id) : JSON.stringify(toProblem(error, id)));
  }

  private report(error: AppError, request: Request): void {
    const about = { request_id: requestId(request), ...traceIdOf(request), code: error.code };
    const fields = { ...about, err: error.cause ?? error };
    if (error.status === 503) this.logger.write('warn', fields, 'request rejected');
    else this.logger.write('error', fields, 'request failed');
  }
}

/** What RFC 6750 wants to be said about a request without a good token. */
function challengeOf({ status, code }: AppError): string | undefined {
  if (code === 'insufficient_scope') return 'Bearer realm="reprise", error="insufficient_scope"';
  if (status !== 401) return undefined;
  const isNone = code === 'token_missing' || code === 'unauthorized';
  return `Bearer realm="reprise"${isNone ? '' : ', error="invalid_token"'}`;
}
