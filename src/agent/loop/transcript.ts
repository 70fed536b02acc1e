import { isJsonObject, parseJson } from '../../common/index.js';
import { TOOL_FAILED } from '../../tools/index.js';
import type { CallResult, ModelMessage, ModelToolCall, ProviderData } from '../../models/index.js';

/** A tool call and its outcome. */
export interface FinishedCall {
  call: ModelToolCall;
  result: CallResult;
}

/** What is stored about a call that has ended. */
export interface KeptResult {
  status: string;
  result: string | null;
  /** Records and events from servers without codes have none. */
  error_code?: string | undefined;
}

/** How a call went, from what is stored about it. */
export function resultOf(record: KeptResult): CallResult {
  const text = record.result ?? '';
  return record.status === 'error' ? { text, error_code: record.error_code ?? TOOL_FAILED } : { text };
}

/** One model turn that called tools. */
export interface ToolTurn {
  /** What the model wrote before the calls. */
  text: string;
  calls: readonly FinishedCall[];
  /** What the provider expects back with the turn. */
  provider?: ProviderData | undefined;
}

/** A turn as it is sent back to the model: its message, then the results in the order of the calls. */
export function turnMessages({ text, calls, provider }: ToolTurn): ModelMessage[] {
  const tool_calls = calls.map(({ call }) => ({ ...call, arguments: safeArguments(call.arguments) }));
  const results = calls.map(({ call, result }): ModelMessage => ({
    role: 'tool',
    tool_call_id: call.id,
    content: result.text,
    ...(result.error_code !== undefined && { error_code: result.error_code }),
  }));
  return [{ role: 'assistant', content: text, tool_calls, ...(provider && { provider }) }, ...results];
}

/** Many servers parse the arguments of earlier calls and fail on malformed JSON; the tool message says what was wrong. */
function safeArguments(text: string): string {
  return isJsonObject(parseJson(text)) ? text : '{}';
}
