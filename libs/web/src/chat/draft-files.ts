import type { Attachment } from '@reprise/client';
import { useSyncExternalStore } from 'react';
import { dataUrl, isPicture, uploadFile } from '../api/files.js';
import { randomHex } from '../api/reprise.js';
import { readStored, store } from '../api/stored.js';
import { messageOf } from '../ui/error-text.js';
import { shrunk } from './shrink-picture.js';

/** A file in an input box: being uploaded, uploaded, or refused. */
export interface DraftFile {
  /** Within the page. */
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  /** A picture, as an address; `null`: there is none, or not yet. */
  readonly preview: string | null;
  /** What the server knows; `null` while it is on its way. */
  readonly file: Attachment | null;
  /** Why the server does not have it. */
  readonly error: string | null;
}

/** Files of one message, at most; the server may allow fewer. */
const MOST_FILES = 10;
const PREFIX = 'reprise.draft-files.';
const NOTHING: readonly DraftFile[] = [];

const boxes = new Map<string, readonly DraftFile[]>();
const uploads = new Map<string, AbortController>();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is in an input box. Uploaded files survive a reload. */
export function readFiles(box: string): readonly DraftFile[] {
  const known = boxes.get(box);
  if (known) return known;
  const stored = parsed(readStored(PREFIX + box));
  boxes.set(box, stored);
  return stored;
}

/** The files in an input box. */
export function useFiles(box: string): readonly DraftFile[] {
  return useSyncExternalStore(subscribe, () => readFiles(box));
}

/** Adds files and uploads them. @returns how many were too many. */
export function addFiles(box: string, files: readonly File[]): number {
  const room = Math.max(0, MOST_FILES - readFiles(box).length);
  const added = files.slice(0, room).map((file) => ({ id: randomHex(8), file }));
  const drafts = added.map(({ id, file: { name, size } }) => draft({ id, name, bytes: size }));
  change(box, [...readFiles(box), ...drafts]);
  for (const { id, file } of added) void upload(id, file);
  return files.length - added.length;
}

/** Puts files that the server has into an input box, instead of what is there. */
export function putFiles(box: string, attachments: readonly Attachment[]): void {
  for (const { id } of readFiles(box)) uploads.get(id)?.abort();
  change(box, attachments.map(uploaded));
}

/** Adds files that the server has. */
export function returnFiles(box: string, attachments: readonly Attachment[]): void {
  if (attachments.length > 0) change(box, [...readFiles(box), ...attachments.map(uploaded)]);
}

/** Takes a file out. */
export function removeFile(box: string, id: string): void {
  uploads.get(id)?.abort();
  change(
    box,
    readFiles(box).filter((file) => file.id !== id),
  );
}

/** Empties an input box. @returns what the server has of it. */
export function takeFiles(box: string): Attachment[] {
  const files = readFiles(box).flatMap(({ file }) => file ?? []);
  change(box, NOTHING);
  return files;
}

/** Moves the files of one box to another. */
export function moveFiles(from: string, to: string): void {
  const files = readFiles(from);
  if (files.length === 0) return;
  change(from, NOTHING);
  change(to, [...readFiles(to), ...files]);
}

async function upload(id: string, file: File): Promise<void> {
  const controller = new AbortController();
  uploads.set(id, controller);
  try {
    if (isPicture({ media_type: file.type })) void preview(id, file);
    patch(id, { file: await uploadFile(await shrunk(file), file.name, controller.signal) });
  } catch (error) {
    patch(id, { error: messageOf(error) });
  } finally {
    uploads.delete(id);
  }
}

async function preview(id: string, file: File): Promise<void> {
  const address = await dataUrl(file).catch(() => null);
  patch(id, { preview: address });
}

/** The box may have moved meanwhile, or the file may be gone from it. */
function patch(id: string, news: Partial<DraftFile>): void {
  for (const [box, files] of boxes) {
    if (!files.some((file) => file.id === id)) continue;
    change(
      box,
      files.map((file) => (file.id === id ? { ...file, ...news } : file)),
    );
  }
}

function change(box: string, files: readonly DraftFile[]): void {
  boxes.set(box, files);
  const known = files.flatMap(({ file }) => file ?? []);
  store(PREFIX + box, known.length === 0 ? null : JSON.stringify(known));
  for (const listener of listeners) listener();
}

function draft(known: Pick<DraftFile, 'id' | 'name' | 'bytes'>): DraftFile {
  return { ...known, preview: null, file: null, error: null };
}

function uploaded(file: Attachment): DraftFile {
  return { ...draft({ id: randomHex(8), name: file.name, bytes: file.bytes }), file };
}

/** Stored files; nothing if this page does not understand them. */
function parsed(text: string | null): readonly DraftFile[] {
  try {
    const files = JSON.parse(text ?? '[]') as Attachment[];
    return files.every(({ file_id, name }) => typeof file_id === 'string' && typeof name === 'string')
      ? files.map(uploaded)
      : NOTHING;
  } catch {
    return NOTHING;
  }
}
