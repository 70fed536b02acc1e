import { AppError } from '../../common/index.js';

/** Id of a JSON-RPC request; the answer repeats it. */
export type RpcId = string | number | null;

/** A failed call; the codes of JSON-RPC 2.0 and of A2A 1.0. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    /** As in `google.rpc.ErrorInfo`. */
    readonly reason: string,
  ) {
    super(message);
  }
}

export const parseError = (): RpcError => new RpcError(-32700, 'The body is not valid JSON.', 'PARSE_ERROR');
export const invalidRequest = (message: string): RpcError => new RpcError(-32600, message, 'INVALID_REQUEST');
export const invalidParams = (message: string): RpcError => new RpcError(-32602, message, 'INVALID_PARAMS');
export const noSuchTask = (id: string): RpcError =>
  new RpcError(-32001, `There is no task with id "${id}".`, 'TASK_NOT_FOUND');
export const notCancelable = (id: string): RpcError =>
  new RpcError(-32002, `Task "${id}" has ended.`, 'TASK_NOT_CANCELABLE');
export const unsupported = (message: string): RpcError =>
  new RpcError(-32004, message, 'UNSUPPORTED_OPERATION');
export const unsupportedContent = (message: string): RpcError =>
  new RpcError(-32005, message, 'CONTENT_TYPE_NOT_SUPPORTED');
export const unsupportedVersion = (version: string): RpcError =>
  new RpcError(-32009, `Version ${version} of A2A is not spoken here; 1.0 is.`, 'VERSION_NOT_SUPPORTED');

/** Methods that the protocol knows and this server does not offer, and why they fail. */
const NOT_OFFERED: Readonly<Record<string, readonly [code: number, reason: string]>> = {
  ListTasks: [-32004, 'UNSUPPORTED_OPERATION'],
  GetExtendedAgentCard: [-32007, 'EXTENDED_AGENT_CARD_NOT_CONFIGURED'],
  CreateTaskPushNotificationConfig: [-32003, 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
  GetTaskPushNotificationConfig: [-32003, 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
  ListTaskPushNotificationConfigs: [-32003, 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
  DeleteTaskPushNotificationConfig: [-32003, 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
};

/** For a method that is not one of this door's. */
export function unknownMethod(method: string): RpcError {
  const known = Object.hasOwn(NOT_OFFERED, method) ? NOT_OFFERED[method] : undefined;
  if (known) return new RpcError(known[0], `${method} is not offered here.`, known[1]);
  return new RpcError(-32601, 'There is no such method.', 'METHOD_NOT_FOUND');
}

/** The body of an answer. */
export const result = (id: RpcId, value: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result: value });

/** The body of an answer to a call that has failed. */
export function failure(id: RpcId, { code, message, reason }: RpcError): string {
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'a2a-protocol.org' };
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data: [info] } });
}

/** Problems that clients of HTTP understand better than those of JSON-RPC: log in, wait, retry. */
const OF_HTTP = new Set([401, 403, 413, 421, 429, 503]);

/** What an error is in JSON-RPC. @throws the error, if it is not the caller's, or HTTP says it better. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const known: AppError | undefined = error instanceof AppError ? error : undefined;
  if (!known || known.status >= 500 || OF_HTTP.has(known.status)) throw error;
  return rpcErrorOf(known);
}

/** The same for answers whose HTTP status tells the rest. */
export function rpcErrorOf({ status, code, message }: AppError): RpcError {
  const reason = code.toUpperCase();
  if (code === 'invalid_json') return parseError();
  if (code === 'message_not_found') return new RpcError(-32001, message, 'TASK_NOT_FOUND');
  if (status === 409 || status === 410) return new RpcError(-32004, message, reason);
  return new RpcError(status < 500 && !OF_HTTP.has(status) ? -32602 : -32603, message, reason);
}

const DATA = 'data: ';

/** Puts the frames of the dialect into the envelopes of an answer; ids, comments and `retry` stay as they are. */
export function enveloped(id: RpcId): (frames: string) => string {
  const head = `data: {"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`;
  const wrapped = (line: string): string =>
    line.startsWith(DATA) ? `${head}${line.slice(DATA.length)}}` : line;
  // Not by a pattern: to those, line separators inside of the JSON end a line, too.
  return (frames) => frames.split('\n').map(wrapped).join('\n');
}
