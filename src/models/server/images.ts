import type { ModelMessage } from '../chat-model.js';

/** A user's text for a model that takes no images: it is told how many it does not see. */
export function textWithoutImages({ content, images = [] }: Extract<ModelMessage, { role: 'user' }>): string {
  if (images.length === 0) return content;
  const what = images.length === 1 ? 'An image was' : `${images.length} images were`;
  return `[${what} left out: this model does not take images.]\n\n${content}`;
}
