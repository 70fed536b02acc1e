import { RepriseError } from '@reprise/client';
import { useSyncExternalStore } from 'react';
import { reprise } from '../api/reprise.js';
import { messageOf } from '../ui/error-text.js';
import { readFile, titleOf } from './read-file.js';
import { Unreadable } from './reading.js';

/** A file on its way into the corpus. */
export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly state: 'waiting' | 'reading' | 'sending' | 'done' | 'failed' | 'duplicate';
  /** How much of the file has been read, 0 to 1. */
  readonly progress: number;
  /** Why it failed. */
  readonly error: string | null;
  /** A later attempt with the same file may succeed. */
  readonly canRetry: boolean;
}

interface Job {
  id: number;
  file: File;
  /** Even if the same document already exists. */
  isForced: boolean;
}

let uploads: readonly Upload[] = [];
let nextId = 1;
let isWorking = false;
const jobs: Job[] = [];
const files = new Map<number, File>();
const listeners = new Set<() => void>();

/** All uploads of this visit, newest last. They continue while the user looks at other pages. */
export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(subscribe, () => uploads);
}

/** Adds files, one after the other. `onAdded` is called after each that has become a document. */
export function upload(added: readonly File[], onAdded: () => void): void {
  for (const file of added) {
    const id = nextId++;
    files.set(id, file);
    const { name, size } = file;
    change([...uploads, { id, name, size, state: 'waiting', progress: 0, error: null, canRetry: false }]);
    jobs.push({ id, file, isForced: false });
  }
  void work(onAdded);
}

/** Retries one; with `isForced` even if the same document already exists. */
export function uploadAgain(id: number, isForced: boolean, onAdded: () => void): void {
  const file = files.get(id);
  if (!file) return;
  patch(id, { state: 'waiting', progress: 0, error: null });
  jobs.push({ id, file, isForced });
  void work(onAdded);
}

/** Removes finished ones from the list. */
export function clearUploads(): void {
  const isOver = ({ state }: Upload): boolean => ['done', 'failed', 'duplicate'].includes(state);
  for (const { id } of uploads.filter(isOver)) files.delete(id);
  change(uploads.filter((item) => !isOver(item)));
}

async function work(onAdded: () => void): Promise<void> {
  if (isWorking) return;
  isWorking = true;
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    if (await isAdded(job)) onAdded();
  }
  isWorking = false;
}

async function isAdded({ id, file, isForced }: Job): Promise<boolean> {
  try {
    patch(id, { state: 'reading' });
    const content = await readFile(file, (progress) => {
      patch(id, { progress });
    });
    patch(id, { state: 'sending', progress: 1 });
    const title = titleOf(file);
    if (!isForced && (await isThere(title, content))) {
      patch(id, { state: 'duplicate', error: 'The same document is here already.', canRetry: true });
      return false;
    }
    await reprise.uploadDocument({ title, content, metadata: { source: 'upload', file: file.name } });
    patch(id, { state: 'done' });
    files.delete(id);
    return true;
  } catch (error) {
    patch(id, { state: 'failed', error: reasonOf(error), canRetry: mayPass(error) });
    return false;
  }
}

/** The same title and a text of the same length: that does not happen by chance. */
async function isThere(title: string, content: string): Promise<boolean> {
  const { items } = await reprise.listDocuments({ search: title.slice(0, 200), pageSize: 100 });
  return items.some((item) => item.title === title && item.characters === content.length);
}

function reasonOf(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  const isTooLong =
    error instanceof RepriseError &&
    (error.code === 'body_too_large' || error.errors.some(({ field }) => field === 'content'));
  if (isTooLong) return `The text is too long for this server. ${messageOf(error)}`;
  return messageOf(error);
}

/** The file does not change: only failures of the network or the server may succeed on a retry. */
function mayPass(error: unknown): boolean {
  if (error instanceof Unreadable) return false;
  return !(error instanceof RepriseError) || error.retryable;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function patch(id: number, fields: Partial<Upload>): void {
  change(uploads.map((item) => (item.id === id ? { ...item, ...fields } : item)));
}

function change(next: readonly Upload[]): void {
  uploads = next;
  for (const listener of listeners) listener();
}
