import type { WireAnswer } from './wire.js';

/** A stack, a file of ours or of our dependencies, a name from inside the database driver. */
const INSIDES =
  /node_modules|\n\s+at |\bat [\w.<>]+ \(|\.[cm]?[jt]s:\d+|file:\/\/|\/src\/|Mongo\w*Error|E11000/;

/** Asserts the single form of every rejection. */
export function expectProblem(answer: WireAnswer): void {
  expectNone(problemFaults(answer), answer);
}

/** The same for clients that read every body as a stream. */
export function expectErrorFrame(answer: WireAnswer): void {
  expectNone(frameFaults(answer), answer);
}

/** The same for JSON-RPC, or a problem document where the request did not reach the route. */
export function expectRpcError(answer: WireAnswer): void {
  const isProblem = /^application\/problem\+json\b/.test(answer.headers['content-type'] ?? '');
  expectNone((isProblem ? problemFaults : rpcFaults)(answer), answer);
}

function expectNone(faults: readonly string[], answer: WireAnswer): void {
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

/** What is wrong with a rejection as `POST /chat/stream` gives it. */
function frameFaults({ status, headers, text }: WireAnswer): string[] {
  const data = /^event: error\ndata: (.*)\n\n$/.exec(text)?.[1];
  const { code, message, retryable } = parse(data ?? '') ?? {};
  const isGood =
    status >= 400 &&
    status <= 499 &&
    /^text\/event-stream\b/.test(headers['content-type'] ?? '') &&
    !INSIDES.test(text) &&
    typeof code === 'string' &&
    /^[a-z]+(_[a-z]+)*$/.test(code) &&
    typeof message === 'string' &&
    message !== '' &&
    typeof retryable === 'boolean' &&
    /^[\w.-]{1,100}$/.test(String(headers['x-request-id']));
  return isGood && text.length < 20_000 ? [] : ['not one good error frame'];
}

/** What is wrong with a rejection as `POST /a2a` gives it. */
function rpcFaults({ status, headers, text }: WireAnswer): string[] {
  const { jsonrpc, error } = parse(text) ?? {};
  const { code, message } = (error ?? {}) as Record<string, unknown>;
  const isGood =
    (status === 200 || (status >= 400 && status <= 499)) &&
    /^application\/json\b/.test(headers['content-type'] ?? '') &&
    !INSIDES.test(text) &&
    jsonrpc === '2.0' &&
    Number.isInteger(code) &&
    typeof message === 'string' &&
    message !== '';
  return isGood && text.length < 20_000 ? [] : ['not one good error of JSON-RPC'];
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
