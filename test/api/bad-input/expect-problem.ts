import type { WireAnswer } from './wire.js';

/** A stack, a file of ours or of our dependencies, a name from inside the database driver. */
const INSIDES =
  /node_modules|\n\s+at |\bat [\w.<>]+ \(|\.[cm]?[jt]s:\d+|file:\/\/|\/src\/|Mongo\w*Error|E11000/;

/** Asserts the single form of every rejection. */
export function expectProblem(answer: WireAnswer): void {
  const faults = problemFaults(answer);
  if (faults.length === 0) return;
  const { status, headers, text } = answer;
  throw new Error(`${faults.join('; ')}\n${status} ${JSON.stringify(headers)}\n${text.slice(0, 1000)}`);
}

function problemFaults({ status, headers, text }: WireAnswer): string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  check(status >= 400 && status <= 499, `the status is ${status}`);
  check(/^application\/problem\+json\b/.test(headers['content-type'] ?? ''), 'not application/problem+json');
  check(!INSIDES.test(text), 'tells of our insides');
  const problem = parse(text);
  if (problem === undefined) return [...faults, 'the body is not a JSON object'];
  const { type, title, detail, code, retryable, request_id: requestId } = problem;
  check(problem['status'] === status, 'the body has another status');
  check(typeof code === 'string' && /^[a-z]+(_[a-z]+)*$/.test(code), 'no code');
  check(type === `urn:reprise:problem:${String(code)}`, 'no type');
  check(typeof title === 'string' && title !== '', 'no title');
  check(typeof detail === 'string' && detail !== '' && detail.length < 1000, 'no detail, or a long one');
  check(typeof retryable === 'boolean', 'no retryable');
  check(typeof requestId === 'string' && /^[\w.-]{1,100}$/.test(requestId), 'no sane request_id');
  check(headers['x-request-id'] === requestId, 'X-Request-Id is not the request_id');
  check(text.length < 20_000, 'the body is long');
  return faults;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
