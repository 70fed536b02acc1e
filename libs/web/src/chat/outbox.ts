import { randomHex, reprise } from '../api/reprise.js';
import { messageOf } from '../ui/error-text.js';
import type { CreatedMessage } from '@reprise/client';
import { useSyncExternalStore } from 'react';

/** A message that the server has not confirmed. */
export interface Outgoing {
  /** Its `Idempotency-Key`: sent again, it is still one message. */
  readonly key: string;
  readonly chatId: string;
  readonly content: string;
  /** Why the server does not have it; `null` while it is on its way. */
  readonly error: string | null;
}

let outgoing: readonly Outgoing[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Outgoing[]): void {
  outgoing = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What has been written in all chats and is not confirmed. */
export function useOutbox(): readonly Outgoing[] {
  return useSyncExternalStore(subscribe, () => outgoing);
}

/** Writes a message; {@link deliver} sends it. */
export function compose(chatId: string, content: string): Outgoing {
  const message = { key: randomHex(16), chatId, content, error: null };
  change([...outgoing, message]);
  return message;
}

/** Sends a message, again if need be. @returns `null` when that failed: the message says why. */
export async function deliver(message: Outgoing): Promise<CreatedMessage | null> {
  const { key, chatId, content } = message;
  put({ ...message, error: null });
  try {
    return await reprise.send({ chatId, content, idempotencyKey: key });
  } catch (error) {
    put({ ...message, error: messageOf(error) });
    return null;
  }
}

/** Forgets a message: it has arrived, or nobody wants it any more. */
export function drop({ key }: Outgoing): void {
  change(outgoing.filter((message) => message.key !== key));
}

function put(message: Outgoing): void {
  change(outgoing.map((known) => (known.key === message.key ? message : known)));
}
