import type { ModelMessage, ModelToolCall, ProviderData } from './chat-model.js';

/** A tool call and what the model is told of it. */
export interface FinishedCall {
  call: ModelToolCall;
  result: string;
}

/** One model turn that asked for tools. */
export interface ToolTurn {
  /** What the model wrote before the calls. */
  text: string;
  calls: readonly FinishedCall[];
  /** What the provider wants back with the turn. */
  provider?: ProviderData | undefined;
}

/** A turn as the model gets it back: its message, then the results in the order of the calls. */
export function turnMessages({ text, calls, provider }: ToolTurn): ModelMessage[] {
  const tool_calls = calls.map(({ call }) => ({ ...call, arguments: safeArguments(call.arguments) }));
  const results = calls.map(({ call, result }): ModelMessage => ({
    role: 'tool',
    tool_call_id: call.id,
    content: result,
  }));
  return [{ role: 'assistant', content: text, tool_calls, ...(provider && { provider }) }, ...results];
}

/** Many servers parse the arguments of earlier calls and fail on malformed JSON; the tool message says what was wrong. */
function safeArguments(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : '{}';
  } catch {
    return '{}';
  }
}
