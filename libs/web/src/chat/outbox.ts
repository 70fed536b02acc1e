import { RepriseError, type Attachment } from '@reprise/client';
import { useSyncExternalStore } from 'react';
import { PATIENCE_MS, randomHex, userId } from '../api/reprise.js';
import { onStored, store, storedUnder } from '../api/stored.js';
import { messageOf } from '../ui/error-text.js';

/** A message that the server has not confirmed. Stored in this browser until it is. */
export interface Outgoing {
  /** Its `Idempotency-Key`: sent again, it is still the same message. */
  readonly key: string;
  /** The chat it goes to, or a placeholder for one that is yet to be created, see {@link newRoom}. */
  readonly room: string;
  readonly content: string;
  /** The question that it follows; missing or `null`: the newest of its chat. */
  readonly parent?: string | null;
  /** The question that it replaces. */
  readonly editOf?: string;
  /** Stop the run that is active. */
  readonly interrupts?: boolean;
  /** What it is sent with. */
  readonly attachments?: readonly Attachment[];
  /** They are those of the question that it replaces, some of which may be gone. */
  readonly keepsFiles?: boolean;
  /** When it was written, epoch ms. Unique within a tab. */
  readonly writtenAt: number;
  /** The tab that sends it, and how long that claim is valid, epoch ms. */
  readonly sender: { readonly tab: string; readonly until: number } | null;
  /** Why the server does not have it; `null` while it is on its way. */
  readonly error: SendError | null;
}

/** Why a message was not sent. */
export interface SendError {
  readonly text: string;
  /** Whether the server may accept the same message later. */
  readonly retryable: boolean;
}

const PREFIX = `reprise.outbox.${userId}.`;
const TAB = tabName();
/** The sending tab must have given up after {@link PATIENCE_MS}. */
const SENDING_MS = PATIENCE_MS + 5000;
/** A page that was reloaded resumes sending what is younger than this, ms; older messages wait for a person. */
const FRESH_MS = 60_000;
/** A page that still exists after this long, ms, was not left. */
const LEAVING_MS = 3000;
const INTERRUPTED: SendError = {
  text: 'The page was closed before the server confirmed this message.',
  retryable: true,
};
const NEW_ROOM = 'new:';

let outgoing: readonly Outgoing[] = storedUnder(PREFIX)
  .flatMap(([, text]) => parsed(text))
  .sort((one, other) => one.writtenAt - other.writtenAt);
/** Keys of the messages this page is sending. */
const sending = new Set<string>();
/** The browser aborts the requests of a page that is left, so they fail; the next page resumes sending them. */
let isLeaving = false;
addEventListener('beforeunload', () => {
  isLeaving = true;
  setTimeout(() => {
    isLeaving = false; // it stayed
  }, LEAVING_MS);
});
/** Room → the chat that was created for it. */
const chats = new Map<string, string>();
const listeners = new Set<() => void>();

onStored(PREFIX, (key, text) => {
  const others = outgoing.filter((message) => message.key !== key);
  const changed = text === null ? [] : parsed(text);
  change([...others, ...changed].sort((one, other) => one.writtenAt - other.writtenAt));
});

function change(next: readonly Outgoing[]): void {
  outgoing = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A placeholder for a chat that is yet to be created: messages with the same one go to the same chat. */
export function newRoom(): string {
  return NEW_ROOM + randomHex(8);
}

/** The room of what this tab was sending to a new chat when it was reloaded. */
export function interruptedRoom(): string | undefined {
  return outgoing.findLast(
    ({ room, error, sender }) => isNewRoom(room) && error === null && sender?.tab === TAB,
  )?.room;
}

/** Whether a chat is yet to be created. */
export function isNewRoom(room: string): boolean {
  return room.startsWith(NEW_ROOM);
}

/** Everything that is not confirmed, in the order in which it was written. */
export function useOutbox(): readonly Outgoing[] {
  return useSyncExternalStore(subscribe, () => outgoing);
}

/** The message as it is now; `undefined` if it has arrived or was discarded. */
export function find(key: string): Outgoing | undefined {
  return outgoing.find((message) => message.key === key);
}

/** What a reader has written. */
export type Written = Pick<
  Outgoing,
  'content' | 'parent' | 'editOf' | 'interrupts' | 'attachments' | 'keepsFiles'
>;

/** Adds a message. It is stored from now on. */
export function compose(room: string, written: Written): Outgoing {
  const writtenAt = Math.max(Date.now(), (outgoing.at(-1)?.writtenAt ?? 0) + 1);
  const message = {
    key: randomHex(16),
    room: chats.get(room) ?? room,
    ...written,
    writtenAt,
    sender: newSender(),
    error: null,
  };
  sending.add(message.key);
  keep(message);
  change([...outgoing, message]);
  return message;
}

/** This tab sends it. */
export function markSending(key: string): void {
  sending.add(key);
  put(key, { sender: newSender(), error: null });
}

/** Sending it failed. */
export function markFailed(key: string, thrown: unknown): void {
  const retryable = thrown instanceof RepriseError && thrown.retryable;
  const fail = (): void => {
    sending.delete(key);
    put(key, { sender: null, error: { text: messageOf(thrown), retryable } });
  };
  if (isLeaving) setTimeout(fail, LEAVING_MS);
  else fail();
}

/** The chat was created: what was written for it goes there. */
export function moveRoom(room: string, chatId: string): void {
  chats.set(room, chatId);
  for (const { key } of outgoing.filter((message) => message.room === room)) put(key, { room: chatId });
}

/** The chat that was created for a room. It changes together with the outbox. */
export function chatMadeFor(room: string): string | undefined {
  return chats.get(room);
}

/** Removes a message: it has arrived, or was discarded. */
export function drop(key: string): void {
  sending.delete(key);
  store(PREFIX + key, null);
  change(outgoing.filter((message) => message.key !== key));
}

/** The chat was deleted with everything in it. */
export function dropRoom(room: string): void {
  for (const message of outgoing) if (message.room === room) drop(message.key);
}

/**
 * Takes care of messages that were being sent when their page was closed. What this same tab was sending before it was
 * reloaded is returned, once, to be sent; what another tab left behind is marked as failed, for a person to decide.
 */
export function takeInterrupted(): Outgoing[] {
  const left = outgoing.filter(({ key, error }) => error === null && !sending.has(key));
  const own = left.filter(({ sender }) => sender?.tab === TAB);
  const now = Date.now();
  for (const { key, sender, writtenAt } of left) {
    const isFresh = sender?.tab === TAB && now - writtenAt < FRESH_MS;
    if (isFresh) markSending(key);
    else if (sender?.tab === TAB || (sender?.until ?? 0) < now)
      put(key, { sender: null, error: INTERRUPTED });
  }
  return own.filter(({ key }) => sending.has(key));
}

function put(key: string, news: Partial<Outgoing>): void {
  const known = find(key);
  if (!known) return;
  const message = { ...known, ...news };
  keep(message);
  change(outgoing.map((other) => (other.key === key ? message : other)));
}

function keep(message: Outgoing): void {
  store(PREFIX + message.key, JSON.stringify(message));
}

function newSender(): Outgoing['sender'] {
  return { tab: TAB, until: Date.now() + SENDING_MS };
}

/** A stored message; nothing if this page does not understand it. */
function parsed(text: string): Outgoing[] {
  try {
    const message = JSON.parse(text) as Outgoing;
    const { key, room, content, writtenAt } = message;
    const isGood = [key, room, content].every((field) => typeof field === 'string') && writtenAt > 0;
    return isGood ? [message] : [];
  } catch {
    return [];
  }
}

/** Identifies this tab, even after a reload. */
function tabName(): string {
  try {
    const known = sessionStorage.getItem('reprise.tab') ?? randomHex(8);
    sessionStorage.setItem('reprise.tab', known);
    return known;
  } catch {
    return randomHex(8);
  }
}
