import { createHash } from 'node:crypto';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { ModelMessage, ModelToolCall, ProviderData } from '../chat-model.js';

/** Any provider accepts such an id; Mistral accepts no others. */
const COMMON_ID = /^[A-Za-z0-9]{9}$/;

/**
 * The transcript as the provider expects it. What this provider attached to its calls and turns, and their ids, is
 * sent back unchanged; data from another provider is not sent.
 * @param origin the model and server of this request.
 */
export function toParams(messages: readonly ModelMessage[], origin: string): ChatCompletionMessageParam[] {
  let ids = new Map<string, string>();
  return messages.map((message): ChatCompletionMessageParam => {
    // Field by field: a provider may reject fields that only we know.
    if (message.role === 'tool') {
      const { role, content, tool_call_id: id } = message;
      return { role, content, tool_call_id: ids.get(id) ?? commonId(id) };
    }
    if (message.role !== 'assistant') return { role: message.role, content: message.content };
    const { role, content, tool_calls = [] } = message;
    if (tool_calls.length === 0) return { role, content };
    ids = idsOf(tool_calls, origin);
    const calls = tool_calls.map((call) => toCallParam(call, ids.get(call.id) ?? call.id, origin));
    const own = fieldsFor(message.provider, origin);
    return { ...own, role, content: content === '' ? null : content, tool_calls: calls };
  });
}

function toCallParam({ name, arguments: text, provider }: ModelToolCall, id: string, origin: string) {
  const { function: beside, ...fields } = fieldsFor(provider, origin);
  return {
    ...fields,
    id,
    type: 'function' as const,
    function: { ...(beside as object), name, arguments: text },
  };
}

/** The ids of a turn as they are sent: each once, because otherwise the results could not be told apart. */
function idsOf(calls: readonly ModelToolCall[], origin: string): Map<string, string> {
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const { id, provider } of calls) {
    const given = provider?.origin === origin ? provider.id : undefined;
    const sent = given === undefined || taken.has(given) ? commonId(id) : given;
    taken.add(sent);
    ids.set(id, sent);
  }
  return ids;
}

function fieldsFor(data: ProviderData | undefined, origin: string): Record<string, unknown> {
  return data?.origin === origin ? data.fields : {};
}

function commonId(id: string): string {
  if (COMMON_ID.test(id)) return id;
  const hash = createHash('sha256').update(id).digest();
  return [...hash.subarray(0, 9)].map((byte) => (byte % 36).toString(36)).join('');
}
