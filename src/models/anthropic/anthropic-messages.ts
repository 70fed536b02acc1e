import type {
  ContentBlockParam,
  MessageParam,
  ToolUseBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import { asJsonObject, parseJson } from '../../common/index.js';
import type { ModelMessage } from '../chat-model.js';
import { textWithoutImages } from '../server/images.js';
import { sentIds } from '../server/sent-ids.js';
import { turnBlocks } from './turn-layout.js';

type AssistantMessage = Extract<ModelMessage, { role: 'assistant' }>;
type UserMessage = Extract<ModelMessage, { role: 'user' }>;
type ToolMessage = Extract<ModelMessage, { role: 'tool' }>;
type MediaType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';

/** For whom a transcript is written. */
export interface Recipient {
  /** The model and server of this request. */
  origin: string;
  images: boolean;
  /** Without tools in the request, earlier calls and results have to be told as text. */
  tools: boolean;
}

/** A conversation as the Messages API expects it. */
export interface Conversation {
  system: string;
  messages: MessageParam[];
}

/** An id that this API accepts, which others need not. */
const OWN_ID = /^[\w-]{1,128}$/;
const LEFT_OUT = '(The beginning of this conversation was left out.)';

/**
 * The transcript with its roles in turn, beginning with the user; results of tools are blocks of a user's message.
 * Thinking goes back unchanged to the model and server it came from, and to nobody else.
 */
export function toConversation(messages: readonly ModelMessage[], recipient: Recipient): Conversation {
  const system = messages.flatMap((message) => (message.role === 'system' ? [message.content] : []));
  const turns: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = [];
  let ids = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'system') continue;
    if (message.role === 'assistant' && message.tool_calls) ids = idsOf(message, recipient.origin);
    const content = toBlocks(message, ids, recipient);
    const role =
      message.role === 'assistant' || (message.role === 'tool' && !recipient.tools) ? 'assistant' : 'user';
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  if (turns[0]?.role !== 'user') turns.unshift({ role: 'user', content: [text(LEFT_OUT)] });
  return { system: system.join('\n\n'), messages: turns };
}

/**
 * Whether this request may ask for thinking: a turn of the current question that called tools without it, at another
 * provider perhaps, must not be continued with it.
 */
export function mayThink(messages: readonly ModelMessage[], origin: string): boolean {
  const asked = messages.findLastIndex((message) => message.role === 'user' && message.continues !== true);
  return messages
    .slice(asked + 1)
    .every(
      (message) =>
        message.role !== 'assistant' ||
        !message.tool_calls ||
        turnBlocks(message.provider, origin).length > 0,
    );
}

function toBlocks(
  message: UserMessage | AssistantMessage | ToolMessage,
  ids: ReadonlyMap<string, string>,
  recipient: Recipient,
): ContentBlockParam[] {
  if (message.role === 'user') return userBlocks(message, recipient.images);
  if (message.role === 'assistant')
    return recipient.tools ? assistantBlocks(message, ids, recipient.origin) : toldBlocks(message);
  const { content, tool_call_id: id, error_code } = message;
  if (!recipient.tools) return [text(`Result: ${content}`)];
  return [
    {
      type: 'tool_result',
      tool_use_id: ids.get(id) ?? id,
      ...(content.trim() !== '' && { content }),
      ...(error_code !== undefined && { is_error: true }),
    },
  ];
}

function userBlocks(message: UserMessage, takesImages: boolean): ContentBlockParam[] {
  const { content, images = [] } = message;
  if (images.length === 0 || !takesImages) return texts(textWithoutImages(message));
  const blocks = images.map(({ media_type, data }): ContentBlockParam => ({
    type: 'image',
    source: { type: 'base64', media_type: media_type as MediaType, data },
  }));
  return [...blocks, ...texts(content)];
}

/** The turn's own blocks in their order, if this server gave them; text that has changed since stands for all of it. */
function assistantBlocks(
  { content, tool_calls = [], provider }: AssistantMessage,
  ids: ReadonlyMap<string, string>,
  origin: string,
): ContentBlockParam[] {
  const calls = tool_calls.map(({ id, name, arguments: json }): ToolUseBlockParam => ({
    type: 'tool_use',
    id: ids.get(id) ?? id,
    name,
    input: asJsonObject(parseJson(json)) ?? {},
  }));
  const layout = turnBlocks(provider, origin);
  const said = layout.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const isSame = said.trim() === content.trim();
  let rest: string | undefined = isSame ? undefined : content;
  const blocks = layout.flatMap((block): ContentBlockParam[] => {
    if (block.type === 'tool_use') return [];
    if (block.type !== 'text') return [block];
    if (isSame) return texts(block.text);
    const whole = rest ?? '';
    rest = '';
    return texts(whole);
  });
  // Results follow calls at once: nothing may stand between them.
  return [...blocks, ...texts(rest ?? ''), ...calls];
}

function toldBlocks({ content, tool_calls = [] }: AssistantMessage): ContentBlockParam[] {
  const calls = tool_calls.map(({ name, arguments: json }) => text(`Called ${name} with ${json}`));
  return [...texts(content), ...calls];
}

function idsOf({ tool_calls = [] }: AssistantMessage, origin: string): Map<string, string> {
  const usable = tool_calls.map((call) => (OWN_ID.test(call.provider?.id ?? '') ? call : withoutId(call)));
  return sentIds(usable, origin);
}

function withoutId<T extends { provider?: unknown }>({
  provider: _provider,
  ...call
}: T): Omit<T, 'provider'> {
  return call;
}

const text = (value: string): ContentBlockParam => ({ type: 'text', text: value });

/** The API refuses blank text. */
const texts = (value: string): ContentBlockParam[] => (value.trim() === '' ? [] : [text(value)]);
