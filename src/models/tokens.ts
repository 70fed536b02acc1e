import type { ModelMessage, ModelRequest, ModelTool, ProviderData } from './chat-model.js';

const MESSAGE_OVERHEAD = 4;
/** What providers count for a picture of about a megapixel, at most. */
const IMAGE_TOKENS = 1600;

/**
 * Tokens of a text, estimated conservatively without any provider's tokenizer: a quarter per ASCII character (English
 * averages 4 characters per token), a half for other Latin, Greek and Cyrillic letters, one for everything beyond
 * (CJK, emoji).
 */
export function estimateTokens(text: string): number {
  let quarters = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    quarters += code < 0x80 ? 1 : code < 0x530 ? 2 : 4;
  }
  return Math.ceil(quarters / 4);
}

/** Tokens of a transcript, estimated, with what providers add per message. */
export function estimateMessageTokens(messages: readonly ModelMessage[]): number {
  return messages.reduce((sum, message) => sum + MESSAGE_OVERHEAD + messageTokens(message), 0);
}

/** Tokens of the tools as described to a model, estimated. */
export function estimateToolTokens(tools: readonly ModelTool[]): number {
  return tools.length === 0 ? 0 : estimateTokens(JSON.stringify(tools));
}

/** Tokens of a whole request, estimated. */
export function estimateRequestTokens({ messages, tools }: ModelRequest): number {
  return estimateMessageTokens(messages) + estimateToolTokens(tools);
}

function messageTokens(message: ModelMessage): number {
  const images = message.role === 'user' ? (message.images?.length ?? 0) * IMAGE_TOKENS : 0;
  if (message.role !== 'assistant') return images + estimateTokens(message.content);
  const { content, tool_calls: calls = [], provider } = message;
  return calls.reduce(
    (sum, call) => sum + estimateTokens(call.name + call.arguments) + providerTokens(call.provider),
    estimateTokens(content) + providerTokens(provider),
  );
}

/** What is sent back to a provider with a call or a turn; its signatures are ASCII. */
function providerTokens(data: ProviderData | undefined): number {
  return data ? estimateTokens(JSON.stringify(data.fields)) : 0;
}
