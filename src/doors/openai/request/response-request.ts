import { z } from 'zod';
import { approvalOf, conversationOf, messageOf } from '../ids.js';
import { contentSchema, readContent } from './content.js';
import { toldBy, type ToldConversation, type Turn } from './conversation.js';
import { cleanString, invalid, metadataSchema, parseBody } from './parse.js';

/** A decision about a call. */
export interface GivenApproval {
  messageId: string;
  callId: string;
  approve: boolean;
  reason: string | undefined;
}

/** A request for a response, checked. */
export interface ResponseRequest {
  /** Name of an agent; default: the deployment's. */
  model: string | undefined;
  /** Missing if the request only decides calls. */
  told: ToldConversation | undefined;
  approvals: readonly GivenApproval[];
  instructions: string | undefined;
  stream: boolean;
  background: boolean;
  store: boolean;
  /** The message that the question follows. */
  previous: string | undefined;
  conversation: { chatId: string } | { key: string } | undefined;
  metadata: Record<string, string> | undefined;
}

const flag = z.boolean('must be true or false').nullish();
const item = z.looseObject({ type: z.string('must be a string').optional() });

const schema = z.looseObject({
  model: cleanString.max(100, 'must be at most 100 characters long').nullish(),
  input: z
    .union([cleanString, z.array(item).max(2000)], { error: 'must be a string or a list of items' })
    .nullish(),
  instructions: cleanString.nullish(),
  stream: flag,
  background: flag,
  store: flag,
  previous_response_id: cleanString.nullish(),
  conversation: z
    .union([cleanString, z.looseObject({ id: cleanString })], { error: 'must be an id or {"id": …}' })
    .nullish(),
  metadata: metadataSchema.nullish(),
  tool_choice: z.unknown().optional(),
  text: z
    .looseObject({ format: z.looseObject({ type: z.string() }).nullish() }, 'must be an object')
    .nullish(),
});

/** Reads the body of `POST /v1/responses`. @throws AppError `validation_failed`, `response_not_found`. */
export function readResponseRequest(body: unknown): ResponseRequest {
  const read = parseBody(schema, body);
  const { previous_response_id: previous, conversation } = read;
  refuseForms({ choice: read.tool_choice, format: read.text?.format?.type, at: 'text.format' });
  if (typeof previous === 'string' && conversation)
    throw invalid('conversation', 'cannot be combined with previous_response_id: that response has its own');
  const { turns, approvals } = turnsOf(read.input ?? undefined);
  const told = turns.length === 0 && approvals.length > 0 ? undefined : toldBy(turns, 'input');
  const known = typeof previous === 'string' || conversation;
  if (known && told && told.earlier.length > 0)
    throw invalid('input', 'repeats what the conversation has: send only what is new');
  const id = typeof conversation === 'object' ? conversation?.id : conversation;
  return {
    model: read.model ?? undefined,
    told,
    approvals,
    instructions: both(read.instructions ?? undefined, told?.instructions),
    stream: read.stream ?? false,
    background: read.background ?? false,
    store: read.store ?? true,
    previous: typeof previous === 'string' ? messageOf(previous) : undefined,
    conversation: id === undefined ? undefined : conversationOf(id),
    metadata: read.metadata ?? undefined,
  };
}

/** What no agent can promise. Tools of the client are ignored: agents have their own. */
export function refuseForms(asked: { choice: unknown; format: string | undefined; at: string }): void {
  const { choice, format, at } = asked;
  if (choice === 'required' || (typeof choice === 'object' && choice !== null))
    throw invalid('tool_choice', 'is not supported: agents use their own tools, and choose themselves');
  if (format !== undefined && format !== 'text')
    throw invalid(at, 'is not supported: agents answer with text');
}

const both = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || other === undefined ? (one ?? other) : `${one}\n\n${other}`;

type Item = z.infer<typeof item>;

function turnsOf(input: string | Item[] | undefined): { turns: Turn[]; approvals: GivenApproval[] } {
  if (input === undefined) throw invalid('input', 'is required');
  if (typeof input === 'string')
    return { turns: [{ role: 'user', text: input, files: [], field: 'input' }], approvals: [] };
  const turns: Turn[] = [];
  const approvals: GivenApproval[] = [];
  for (const [index, one] of input.entries()) {
    const at = `input.${index}`;
    if (one.type === undefined || one.type === 'message') turns.push(turnOf(one, at));
    else if (one.type === 'mcp_approval_response') approvals.push(approvalIn(one, at));
    else if (!KNOWN_TO_THE_SERVER.has(one.type))
      throw invalid(`${at}.type`, `"${one.type}" is not supported`);
  }
  return { turns, approvals };
}

/** What clients send back of earlier output, or of tools of their own: the agent works with what it has. */
const KNOWN_TO_THE_SERVER = new Set([
  ...['reasoning', 'mcp_call', 'mcp_list_tools', 'mcp_approval_request', 'item_reference'],
  ...['function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output'],
  ...['web_search_call', 'file_search_call', 'code_interpreter_call', 'computer_call', 'compaction'],
]);

const ROLES: Readonly<Record<string, Turn['role']>> = {
  system: 'instructions',
  developer: 'instructions',
  user: 'user',
  assistant: 'assistant',
};

/** A message of a conversation, in either API. @throws AppError `validation_failed`. */
export function turnOf(one: Record<string, unknown>, at: string): Turn {
  const role = typeof one['role'] === 'string' ? ROLES[one['role']] : undefined;
  if (role === undefined) throw invalid(`${at}.role`, 'must be user, assistant, system or developer');
  const content = contentSchema.safeParse(one['content'] ?? (role === 'assistant' ? '' : undefined));
  if (!content.success) throw invalid(`${at}.content`, 'must be a string or a list of content parts');
  return { role, field: `${at}.content`, ...readContent(content.data, `${at}.content`) };
}

const approvalSchema = z.looseObject({
  approval_request_id: cleanString,
  approve: z.boolean(),
  reason: cleanString.max(2000).nullish(),
});

function approvalIn(one: Item, at: string): GivenApproval {
  const parsed = approvalSchema.safeParse(one);
  if (!parsed.success) throw invalid(at, 'must have approval_request_id and approve (true or false)');
  const { approval_request_id: id, approve, reason } = parsed.data;
  const call = approvalOf(id);
  if (!call) throw invalid(`${at}.approval_request_id`, 'is not the id of an mcp_approval_request');
  return { ...call, approve, reason: reason?.trim() ? reason : undefined };
}
