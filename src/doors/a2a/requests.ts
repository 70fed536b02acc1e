import { z } from 'zod';
import { cleanText } from '../../common/index.js';
import { invalidParams, invalidRequest, unsupportedContent, type RpcId } from './rpc.js';

const ERRORS_MAX = 5;

const rpcId = z.union([z.string().max(200), z.number(), z.null()]);
const envelope = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: rpcId.optional(),
  method: z.string().max(100),
  params: z.record(z.string(), z.unknown()).optional(),
});

const name = z.string().min(1).max(200);
const json = z.record(z.string(), z.unknown());
const part = z.looseObject({
  text: z.string().optional(),
  data: z.unknown().optional(),
  raw: z.string().optional(),
  url: z.string().optional(),
});
const message = z.looseObject({
  messageId: name,
  role: z.enum(['ROLE_USER', 'user']),
  parts: z.array(part).min(1).max(100),
  contextId: name.optional().or(z.literal('')),
  taskId: z.string().max(200).optional(),
  metadata: json.nullish(),
});
const configuration = z.looseObject({
  returnImmediately: z.boolean().optional(),
  historyLength: z.int().nonnegative().optional(),
  taskPushNotificationConfig: z.unknown().optional(),
});
const send = z.looseObject({
  message,
  configuration: configuration.nullish(),
  metadata: json.nullish(),
});
const task = z.looseObject({ id: name, historyLength: z.int().nonnegative().optional() });
const decision = z.object({
  decision: z.enum(['approve', 'reject']),
  call_id: z.string().max(200).optional(),
  reason: z.string().max(1000).optional(),
  arguments: json.optional(),
});

/** A call. */
export interface RpcRequest {
  id: RpcId;
  method: string;
  params: Record<string, unknown>;
}

/** A message to the agent. */
export type Sent = z.output<typeof send>;

/** Names a task. */
export type TaskParams = z.output<typeof task>;

/** A decision about a tool call. */
export type Decision = z.output<typeof decision>;

/** The id of a call as far as it can be told, for the answer to a bad one. */
export function idOf(body: unknown): RpcId {
  const { success, data } = z.looseObject({ id: rpcId }).safeParse(body);
  return success ? data.id : null;
}

/** @throws RpcError -32600. */
export function readRequest(body: unknown): RpcRequest {
  if (Array.isArray(body)) throw invalidRequest('Batches are not accepted: send one request.');
  const { success, data, error } = envelope.safeParse(body);
  if (!success) throw invalidRequest(told(error));
  if (data.id === undefined) throw invalidRequest('A request needs an id.');
  return { id: data.id, method: data.method, params: data.params ?? {} };
}

/** @throws RpcError -32602. */
export const readSent = (params: unknown): Sent => read(send, params);

/** @throws RpcError -32602. */
export const readTask = (params: unknown): TaskParams => read(task, params);

function read<T>(schema: z.ZodType<T>, params: unknown): T {
  const { success, data, error } = schema.safeParse(params);
  if (!success) throw invalidParams(told(error));
  return data;
}

function told({ issues }: z.ZodError): string {
  const words = issues.slice(0, ERRORS_MAX).map(({ path, message: what }) => `${path.join('.')}: ${what}`);
  return `The request is not valid. ${words.join('; ')}`;
}

/** The question that a message asks: its texts, and its data as JSON. @throws RpcError -32005 for files. */
export function questionOf({ parts }: Sent['message']): string {
  const texts = parts.map(({ text, data, raw, url }) => {
    if (raw !== undefined || url !== undefined)
      throw unsupportedContent('Files are not accepted here: send text, or data.');
    if (text !== undefined) return text;
    if (data === undefined) throw invalidParams('A part has to have text or data.');
    return JSON.stringify(data);
  });
  return cleanText(texts.join('\n\n'));
}

/** What a message decides: a data part, or the words `approve` and `reject` with a reason. @throws RpcError -32602. */
export function decisionOf({ parts }: Sent['message']): Decision {
  const data = parts.map((one) => decision.safeParse(one.data)).find(({ success }) => success)?.data;
  if (data) return data;
  const said = parts
    .map(({ text }) => text ?? '')
    .join('\n')
    .trim();
  const [, word, reason] = /^(approve|reject)\b[\s:,.-]*([^]*)$/i.exec(said) ?? [];
  if (word === undefined)
    throw invalidParams(
      'The task waits for a decision about a tool call: answer "approve", "reject" with a reason, or with a data part {"decision": …, "call_id": …}.',
    );
  const isApproval = word.toLowerCase() === 'approve';
  if (isApproval && reason !== '') throw invalidParams('Answer "approve" alone, or "reject" with a reason.');
  return {
    decision: isApproval ? 'approve' : 'reject',
    ...(reason && { reason: cleanText(reason).slice(0, 1000) }),
  };
}
