import { fieldsOfSignal, Log } from '../../platform/logging/index.js';
import { ToolError } from '../../tools/index.js';
import { foreignLine } from '../shared/foreign-text.js';

const REASON_MAX_CHARS = 200;
const logger = new Log('SendEmail');

/** What nodemailer knows of a failure. */
interface SmtpFault {
  code?: unknown;
  response?: unknown;
  responseCode?: unknown;
}

const faultOf = (error: unknown): SmtpFault => (typeof error === 'object' && error !== null ? error : {});

/** Before the e-mail was on its way. @param signal of the call. @throws ToolError always. */
export function unsentFault(error: unknown, signal?: AbortSignal): never {
  const { code, responseCode } = faultOf(error);
  const about = { setting: 'SMTP_URL', code, status: responseCode, ...fieldsOfSignal(signal) };
  logger.warn('The mail server could not be used', about);
  if (['EAUTH', 'ENOAUTH', 'ETLS'].includes(String(code)))
    throw new ToolError(
      'The mail server refuses this deployment. Nothing was sent. Do not try again; an administrator has to check SMTP_URL.',
      'not_authorized',
    );
  throw new ToolError('The mail server cannot be reached. Nothing was sent. Try again later.', 'unreachable');
}

/** While it was on its way. Only an answer of the server, or a check before the first byte, says that it was not sent. */
export function sendFault(error: unknown, signal?: AbortSignal): ToolError {
  const { code, response, responseCode } = faultOf(error);
  const about = { setting: 'SMTP_URL', code, status: responseCode, ...fieldsOfSignal(signal) };
  logger.warn('The mail server did not take an e-mail', about);
  if (typeof responseCode === 'number' && typeof response === 'string' && responseCode >= 400)
    return new ToolError(
      `The mail server did not take the e-mail, and nothing was sent: ${foreignLine(response, REASON_MAX_CHARS)}`,
      'rejected',
    );
  if (code === 'EENVELOPE' || code === 'EMESSAGE')
    return new ToolError(
      'The mail server does not take such an e-mail: it is too large, or nobody is left to get it. Nothing was sent.',
      'rejected',
    );
  return new ToolError(
    'The connection broke while the e-mail was sent: it may have been delivered. Do not send it again without asking the user.',
    'maybe_sent',
  );
}
