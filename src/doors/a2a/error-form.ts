import { AppError } from '../../common/index.js';
import type { ErrorForm } from '../../platform/http/index.js';
import { failure, rpcErrorOf } from './rpc.js';

/** Errors of calls that never reached a method: JSON-RPC, with the status that tells HTTP clients what to do. */
export const a2aErrors: ErrorForm = {
  matches: ({ path }) => path === '/a2a',
  type: 'application/json',
  body: (error: AppError) => failure(null, rpcErrorOf(error)),
};
