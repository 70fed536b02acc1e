import type { ModelMessage, ModelRequest } from '../chat-model.js';

/** A user's text for a model that takes no images: it is told how many it does not see. */
export function textWithoutImages({ content, images = [] }: Extract<ModelMessage, { role: 'user' }>): string {
  if (images.length === 0) return content;
  const what = images.length === 1 ? 'An image was' : `${images.length} images were`;
  return `[${what} left out: this model does not take images.]\n\n${content}`;
}

/** Whether the newest question of a request has images. */
export function hasImages({ messages }: ModelRequest): boolean {
  const asked = messages.findLast((message) => message.role === 'user' && message.continues !== true);
  return asked?.role === 'user' && (asked.images?.length ?? 0) > 0;
}
