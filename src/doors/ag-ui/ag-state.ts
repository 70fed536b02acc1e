import type { StreamEvent } from '@reprise/protocol';
import { NO_OPEN_CALLS, type OpenCalls } from '../../streams/index.js';

/** One event of AG-UI; the client validates it. */
export type AgEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A tool call of an assistant's message. */
interface AgToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
  readonly metadata?: object;
}

/** A message as the client keeps it. */
export type AgMessage =
  | { readonly id: string; readonly role: 'user'; readonly content: unknown }
  | {
      readonly id: string;
      readonly role: 'assistant';
      readonly content?: string;
      readonly toolCalls?: readonly AgToolCall[];
    }
  | { readonly id: string; readonly role: 'reasoning'; readonly content: string }
  | {
      readonly id: string;
      readonly role: 'tool';
      readonly toolCallId: string;
      readonly content: string;
      readonly metadata?: object;
    };

type Items = StreamEvent<'plan'>['items'];

/** What the client has as its state. */
export interface SharedState {
  readonly plan?: Items;
  /** Plans of the agents that a call has started, by that call. */
  readonly agents?: Readonly<Record<string, { plan: Items }>>;
}

/** A call that somebody has to approve. */
export interface AskedCall {
  readonly call_id: string;
  readonly name: string;
  readonly args_summary: string;
  readonly expires_at: string;
}

/** A run at a place of its log. */
export interface AgUiState {
  /** `undefined` before `start`. */
  readonly run: { readonly threadId: string; readonly runId: string } | undefined;
  /** The open text message. */
  readonly text: { readonly id: string; readonly content: string } | undefined;
  /** Messages begun; numbers their ids. */
  readonly parts: number;
  /** The complete messages of this run. */
  readonly messages: readonly AgMessage[];
  readonly shared: SharedState | undefined;
  readonly asked: readonly AskedCall[];
  readonly failure: { readonly message: string; readonly code: string } | undefined;
  /** The run's calls, which say whether only people can continue it. */
  readonly open: OpenCalls;
}

export const initialState: AgUiState = {
  run: undefined,
  text: undefined,
  parts: 0,
  messages: [],
  shared: undefined,
  asked: [],
  failure: undefined,
  open: NO_OPEN_CALLS,
};

/** The id of the next message of the run. */
export const nextId = ({ run, parts }: AgUiState): string => `${run?.runId ?? ''}-${parts}`;

/** Every message of the run so far, also one that is being written. */
export function messagesOf({ messages, text }: AgUiState): readonly AgMessage[] {
  return text ? [...messages, { id: text.id, role: 'assistant', content: text.content }] : messages;
}

/** The message that the next call belongs to: the answer's last one, or a new one. */
export function parentOf(state: AgUiState): string {
  const last = state.messages.findLast(({ role }) => role !== 'tool');
  return last?.role === 'assistant' ? last.id : nextId(state);
}

/** With a call, in its message. */
export function withCall(
  messages: readonly AgMessage[],
  parent: string,
  call: { id: string; name: string; args: string; metadata?: object },
): readonly AgMessage[] {
  const entry: AgToolCall = {
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.args },
    ...(call.metadata && { metadata: call.metadata }),
  };
  if (!messages.some(({ id }) => id === parent))
    return [...messages, { id: parent, role: 'assistant', toolCalls: [entry] }];
  return messages.map((one) =>
    one.role === 'assistant' && one.id === parent
      ? { ...one, toolCalls: [...(one.toolCalls ?? []), entry] }
      : one,
  );
}

/** With the result of a call, where the client puts it: after the message of the call, and the results there. */
export function withResult(
  messages: readonly AgMessage[],
  result: AgMessage & { role: 'tool' },
): readonly AgMessage[] {
  const owner = messages.findIndex(
    (one) => one.role === 'assistant' && one.toolCalls?.some(({ id }) => id === result.toolCallId),
  );
  if (owner < 0) return [...messages, result];
  let at = owner + 1;
  while (messages[at]?.role === 'tool') at++;
  return messages.toSpliced(at, 0, result);
}
