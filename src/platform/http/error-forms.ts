import type { Request } from 'express';
import type { AppError } from '../../common/index.js';

/** How errors look to clients that do not read problem documents. Their status stays the same. */
export interface ErrorForm {
  /** Whether the client of this request expects the form. */
  matches(request: Request): boolean;
  /** Media type of the bodies. */
  readonly type: string;
  body(error: AppError, requestId: string): string;
  /** Sent with it; replaces what every error has. */
  headers?(error: AppError): Readonly<Record<string, string>>;
}

/** The forms of this deployment's doors; `app.module.ts` lists them. Everything else gets problem documents. */
export class ErrorForms {
  constructor(private readonly forms: readonly ErrorForm[] = []) {}

  find(request: Request): ErrorForm | undefined {
    return this.forms.find((form) => form.matches(request));
  }
}
