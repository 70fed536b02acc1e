import { ToolError } from '../../tools/index.js';

const NO_SUCH_HOST = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']);
const CERTIFICATE = /CERT|TLS|SSL|SIGNATURE|SELF_SIGNED|UNABLE_TO/;
const UNREADABLE = /^(Z_|ERR_BROTLI|BROTLI|ERR__ERROR|ERR_PADDING)/;

/**
 * What went wrong with a page, in words for the model. The system's own texts may contain addresses, and stay here.
 * @returns the reason of the signal if the call was aborted.
 */
export function pageFault(error: unknown, url: URL, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  const known = causes(error).find((one) => one instanceof ToolError);
  if (known) return known;
  const code = causes(error).map(codeOf).find(Boolean) ?? '';
  const { hostname, host } = url;
  if (NO_SUCH_HOST.has(code))
    return new ToolError(`There is no host named ${hostname}. Check the address.`, 'host_not_found');
  if (UNREADABLE.test(code))
    return new ToolError(`What ${host} sent is damaged and cannot be read.`, 'unreadable_page');
  if (CERTIFICATE.test(code))
    return new ToolError(`${host} has no valid certificate, so it was not read.`, 'unreachable');
  if (code.includes('TIMEOUT') || code === 'ETIMEDOUT')
    return new ToolError(`${host} did not answer in time.`, 'timed_out');
  return new ToolError(`${host} cannot be reached, or broke off the answer.`, 'unreachable');
}

/** What is known of an error, wherever it comes from. */
interface Fault {
  code?: unknown;
  cause?: unknown;
  errors?: unknown;
}

/** The error and what caused it; several attempts to connect fail as one. */
function causes(error: unknown): Fault[] {
  if (typeof error !== 'object' || error === null) return [];
  const { cause, errors } = error as Fault;
  return [error, ...(Array.isArray(errors) ? errors.flatMap(causes) : []), ...causes(cause)];
}

function codeOf({ code }: Fault): string | undefined {
  return typeof code === 'string' ? code : undefined;
}
