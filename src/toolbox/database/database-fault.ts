import { ToolError } from '../../tools/index.js';
import { fieldsOfSignal, Log } from '../../platform/logging/index.js';
import { foreignLine } from '../shared/foreign-text.js';

const REASON_MAX_CHARS = 500;
const logger = new Log('QueryDatabase');

/** What a server reports; `code` is a SQLSTATE. */
interface ServerFault {
  code: string;
  message: string;
  hint?: string;
}

/** Classes of SQLSTATE that are about the connection, not about the query; 08P01 says that a parameter is missing. */
const CONNECTION = /^(08(?!P01)|28|3D|53|57P|58)/;

/**
 * A failure in words for the model: what the server says of the query, and nothing of how it is reached.
 * @param signal of the call.
 * @returns the error itself if it is one for the model already.
 */
export function databaseFault(error: unknown, signal?: AbortSignal): ToolError {
  if (error instanceof ToolError) return error;
  const fault = serverFault(error);
  if (!fault || CONNECTION.test(fault.code)) {
    const about = { setting: 'DATABASE_QUERY_URL', code: fault?.code, ...fieldsOfSignal(signal) };
    logger.warn('A tool could not use its database', about);
    return new ToolError(
      'The database cannot be reached at the moment. Do not try again at once.',
      'unreachable',
    );
  }
  const { code, message, hint = '' } = fault;
  const reason = foreignLine(`${message}${hint && `. ${hint}`}`, REASON_MAX_CHARS);
  switch (code) {
    case '57014':
      return new ToolError('The query takes too long. Ask for less, or use an index.', 'timed_out');
    case '55P03':
      return new ToolError('What the query reads is locked at the moment. Try again later.', 'timed_out');
    case '42501':
    case '25006':
      return new ToolError(`The query is not allowed: ${reason}`, 'not_authorized');
    case '42601':
      return new ToolError(
        `The database cannot read the query: ${reason}. It must be one statement that reads: SELECT, WITH, VALUES or TABLE.`,
        'invalid_query',
      );
    default:
      return new ToolError(`The query failed: ${reason} (SQLSTATE ${code})`, 'invalid_query');
  }
}

/** Errors of the network have codes, too, but none of five characters with a severity. */
function serverFault(error: unknown): ServerFault | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, severity, message, hint } = error as Record<string, unknown>;
  if (typeof code !== 'string' || typeof severity !== 'string' || typeof message !== 'string')
    return undefined;
  return { code, message, ...(typeof hint === 'string' && { hint }) };
}
