import { Injectable, Optional } from '@nestjs/common';
import { RedisPubSub } from '../platform/redis/index.js';

/** Called when a chat may have a new question; may be called needlessly. */
export type NewsListener = () => void;

/**
 * Tells who follows a chat of its new questions, in this process and, through Redis, in others. News may be lost: who
 * listens looks by itself from time to time.
 */
@Injectable()
export class ChatNews {
  private readonly listeners = new Map<string, Set<NewsListener>>();

  constructor(@Optional() private readonly redis?: RedisPubSub) {
    redis?.onGap(() => {
      for (const chat of this.listeners.keys()) this.hear(chat);
    });
  }

  /** Whether news can come from other processes, and be lost on the way. */
  get isShared(): boolean {
    return this.redis !== undefined;
  }

  /** A question of a chat is stored. Never throws, never waits. */
  announce(chatId: string): void {
    this.hear(chatId);
    this.redis?.publish(channelOf(chatId), '');
  }

  /** @returns a function that ends it. */
  listen(chatId: string, listener: NewsListener): () => void {
    const others = this.listeners.get(chatId);
    const all = others ?? new Set<NewsListener>();
    all.add(listener);
    if (!others) this.begin(chatId, all);
    return () => {
      all.delete(listener);
      if (all.size > 0 || this.listeners.get(chatId) !== all) return;
      this.listeners.delete(chatId);
      this.redis?.unsubscribe(channelOf(chatId));
    };
  }

  /** What was announced before the subscription is active is missed: whoever listens looks again then. */
  private begin(chatId: string, all: Set<NewsListener>): void {
    this.listeners.set(chatId, all);
    const hear = (): void => {
      this.hear(chatId);
    };
    this.redis?.subscribe(channelOf(chatId), hear).then(hear, () => undefined);
  }

  private hear(chatId: string): void {
    for (const listener of this.listeners.get(chatId) ?? []) listener();
  }
}

const channelOf = (chatId: string): string => `chat:${chatId}`;
