import type { EventFields } from '@reprise/protocol';
import { ModelError } from '../../models/index.js';

/** Ends a run with status `error`; its fields become the `error` event. Never leaves this module. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';

  constructor(readonly fields: EventFields<'error'>) {
    super(fields.error);
  }
}

/** The `error` fields for what ended a run; `undefined` if the run itself did not fail but the server did. */
export function failureFields(error: unknown): EventFields<'error'> | undefined {
  if (error instanceof RunFailure) return error.fields;
  if (error instanceof ModelError) {
    const { retryable, provider: cause } = error.options;
    return { error: error.message, code: error.code, retryable, ...(cause && { cause }) };
  }
  return undefined;
}
