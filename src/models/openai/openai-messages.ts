import type {
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { ModelMessage, ModelToolCall } from '../chat-model.js';
import { textWithoutImages } from '../server/images.js';
import { commonId, fieldsFor, sentIds } from '../server/sent-ids.js';

/** For whom a transcript is written. */
export interface Recipient {
  /** The model and server of this request. */
  origin: string;
  /** Whether it takes images. */
  images: boolean;
}

/**
 * The transcript as the provider expects it. What this provider attached to its calls and turns, and their ids, is
 * sent back unchanged; data from another provider is not sent.
 */
export function toParams(
  messages: readonly ModelMessage[],
  { origin, images }: Recipient,
): ChatCompletionMessageParam[] {
  let ids = new Map<string, string>();
  return messages.map((message): ChatCompletionMessageParam => {
    // Field by field: a provider may reject fields that only we know.
    if (message.role === 'tool') {
      const { role, content, tool_call_id: id } = message;
      return { role, content, tool_call_id: ids.get(id) ?? commonId(id) };
    }
    if (message.role === 'system') return { role: message.role, content: message.content };
    if (message.role === 'user') return { role: message.role, content: toContent(message, images) };
    const { role, content, tool_calls = [] } = message;
    if (tool_calls.length === 0) return { role, content };
    ids = sentIds(tool_calls, origin);
    const calls = tool_calls.map((call) => toCallParam(call, ids.get(call.id) ?? call.id, origin));
    const own = fieldsFor(message.provider, origin);
    return { ...own, role, content: content === '' ? null : content, tool_calls: calls };
  });
}

function toContent(
  message: Extract<ModelMessage, { role: 'user' }>,
  takesImages: boolean,
): string | ChatCompletionContentPart[] {
  const { content, images = [] } = message;
  if (images.length === 0 || !takesImages) return textWithoutImages(message);
  const parts = images.map(({ media_type, data }): ChatCompletionContentPart => ({
    type: 'image_url',
    image_url: { url: `data:${media_type};base64,${data}` },
  }));
  return content === '' ? parts : [...parts, { type: 'text', text: content }];
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
