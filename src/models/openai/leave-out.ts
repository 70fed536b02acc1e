import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { OptionalPart } from '../server/unsupported.js';

type Body = ChatCompletionCreateParamsStreaming;

const NO_TOOLS =
  'No tools are available now: answer from what you know and from this conversation, and say so.';

/** A request without the parts that its server does not accept. */
export function leaveOut(body: Body, parts: ReadonlySet<OptionalPart>): Body {
  let result: Body = { ...body };
  if (parts.has('stream_options')) delete result.stream_options;
  if (parts.has('parallel_tool_calls')) delete result.parallel_tool_calls;
  if (parts.has('tools')) result = withoutTools(result);
  const fields = (['reasoning_content', 'extra_content'] as const).filter((part) => parts.has(part));
  if (fields.length > 0) result.messages = withoutFields(result.messages, fields) as Body['messages'];
  if (parts.has('system_role')) result.messages = withoutSystem(result.messages);
  return result;
}

/** Earlier calls and their results become text, since a server without tools rejects those messages as well. */
function withoutTools({ tools, tool_choice: _choice, parallel_tool_calls: _parallel, ...body }: Body): Body {
  const messages: ChatCompletionMessageParam[] = [];
  for (const message of body.messages) {
    const spoken = asText(message);
    const last = messages.at(-1);
    if (spoken.role === 'assistant' && last?.role === 'assistant')
      last.content = joined(last.content, spoken.content);
    else messages.push({ ...spoken });
  }
  const first = messages[0];
  if (tools && first?.role === 'system') first.content = joined(first.content, NO_TOOLS);
  return { ...body, messages };
}

function asText(message: ChatCompletionMessageParam): ChatCompletionMessageParam {
  if (message.role === 'tool') return { role: 'assistant', content: `Result: ${textOf(message.content)}` };
  if (message.role !== 'assistant' || !message.tool_calls) return message;
  const calls = message.tool_calls.map((call) =>
    call.type === 'function' ? `Called ${call.function.name} with ${call.function.arguments}` : '',
  );
  return { role: 'assistant', content: [textOf(message.content), ...calls].filter(Boolean).join('\n') };
}

/** The instructions are put before the first question instead. */
function withoutSystem(messages: readonly ChatCompletionMessageParam[]): ChatCompletionMessageParam[] {
  const [first, next, ...rest] = messages;
  if (first?.role !== 'system' || next?.role !== 'user') return [...messages];
  const instructions = textOf(first.content);
  const content = Array.isArray(next.content)
    ? [{ type: 'text' as const, text: instructions }, ...next.content]
    : joined(instructions, next.content);
  return [{ ...next, content }, ...rest];
}

function withoutFields(value: unknown, names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutFields(item, names));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept.map(([name, item]) => [name, withoutFields(item, names)]));
}

const joined = (before: unknown, after: unknown): string =>
  [textOf(before), textOf(after)].filter(Boolean).join('\n\n');

const textOf = (content: unknown): string => (typeof content === 'string' ? content : '');
