import type { ModelMessage } from '../../models/index.js';

/** Messages of many requests, each once: a turn's request repeats those of the turns before it. */
export class MessagePool {
  readonly messages: ModelMessage[] = [];
  private readonly places = new Map<string, number>();

  /** @returns the places of the messages. */
  add(messages: readonly ModelMessage[]): number[] {
    return messages.map((message) => {
      const key = JSON.stringify(message);
      const known = this.places.get(key);
      if (known !== undefined) return known;
      this.places.set(key, this.messages.length);
      return this.messages.push(message) - 1;
    });
  }
}
