import { asJsonObject, parseJson } from '../../../common/index.js';

/** A call of a tool, as the messages of LangChain have it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly type: 'tool_call';
}

/** What a person said. */
export interface HumanMessage {
  readonly type: 'human';
  readonly id: string;
  readonly content: string;
  readonly additional_kwargs: Readonly<Record<string, unknown>>;
  readonly response_metadata: Readonly<Record<string, unknown>>;
}

/** One turn of the model: its thinking, its words and its calls. */
export interface AiMessage {
  readonly type: 'ai';
  readonly id: string;
  readonly name?: string;
  readonly content: string;
  /** `reasoning_content`: what the model thought, if it showed that. */
  readonly additional_kwargs: Readonly<{ reasoning_content?: string }>;
  readonly response_metadata: Readonly<Record<string, unknown>>;
  readonly tool_calls: readonly ToolCall[];
  readonly invalid_tool_calls: readonly [];
  readonly usage_metadata?: Readonly<Record<'input_tokens' | 'output_tokens' | 'total_tokens', number>>;
}

/** What became of a call. */
export interface ToolMessage {
  readonly type: 'tool';
  readonly id: string;
  readonly name: string;
  readonly tool_call_id: string;
  readonly content: string;
  readonly status: 'success' | 'error';
  readonly additional_kwargs: Readonly<Record<string, unknown>>;
  readonly response_metadata: Readonly<Record<string, unknown>>;
}

/** A message of a thread, as `@langchain/langgraph-sdk` reads it. */
export type ThreadMessage = HumanMessage | AiMessage | ToolMessage;

/** An empty turn. @param agent who speaks */
export function emptyTurn(id: string, agent: string | undefined): AiMessage {
  return {
    type: 'ai',
    id,
    ...(agent !== undefined && { name: agent }),
    content: '',
    additional_kwargs: {},
    response_metadata: {},
    tool_calls: [],
    invalid_tool_calls: [],
  };
}

/** What an event says about a call. */
interface NamedCall {
  readonly call_id: string;
  readonly name: string;
  readonly args?: unknown;
  readonly args_summary: string;
}

/** The arguments are an object for every client; those too large for the log are there as their summary. */
export function toolCallOf({ call_id, name, args, args_summary }: NamedCall): ToolCall {
  const known = typeof args === 'string' ? parseJson(args) : (args ?? parseJson(args_summary));
  return { id: call_id, name, args: asJsonObject(known) ?? { args_summary }, type: 'tool_call' };
}

/** The message that a question becomes. */
export function humanMessage(
  id: string,
  content: string,
  kwargs: Readonly<Record<string, unknown>> = {},
): HumanMessage {
  return { type: 'human', id, content, additional_kwargs: kwargs, response_metadata: {} };
}
