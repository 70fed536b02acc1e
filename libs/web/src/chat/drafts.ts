import { useCallback, useSyncExternalStore } from 'react';
import { readStored, store } from '../api/stored.js';
import { moveFiles } from './draft-files.js';

/** The draft of a chat that does not exist yet. */
export const NEW_CHAT = 'new';

const PREFIX = 'reprise.draft.';
/** What was written since the page was loaded: complete even if storage is forbidden or full. */
const drafts = new Map<string, string>();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The draft for a chat, or for {@link NEW_CHAT}. Survives a reload. */
export function readDraft(chat: string): string {
  return drafts.get(chat) ?? readStored(PREFIX + chat) ?? '';
}

/** Stores it. */
export function writeDraft(chat: string, text: string): void {
  drafts.set(chat, text);
  store(PREFIX + chat, text === '' ? null : text);
  for (const listener of listeners) listener();
}

/** Puts a text before the draft, so that neither is lost. */
export function prependDraft(chat: string, text: string): void {
  const written = readDraft(chat);
  writeDraft(chat, written.trim() === '' ? text : `${text}\n\n${written}`);
}

const askers = new Set<() => void>();

/** Asks for the input box to be focused, because the button that had the focus is gone. */
export function askForBox(): void {
  for (const give of askers) give();
}

/** Listens for {@link askForBox}. @returns a function that stops listening. */
export function onBoxWanted(give: () => void): () => void {
  askers.add(give);
  return () => askers.delete(give);
}

/** Moves the draft of one chat, with its files, to another. */
export function moveDraft(from: string, to: string): void {
  moveFiles(from, to);
  const text = readDraft(from);
  if (text === '') return;
  writeDraft(from, '');
  prependDraft(to, text);
}

/** A draft, and how to change it. */
export function useDraft(chat: string): [string, (text: string) => void] {
  const text = useSyncExternalStore(subscribe, () => readDraft(chat));
  const setText = useCallback(
    (next: string) => {
      writeDraft(chat, next);
    },
    [chat],
  );
  return [text, setText];
}
