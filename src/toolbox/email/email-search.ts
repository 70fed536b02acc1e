import type { FetchMessageObject, ImapFlow, MessageStructureObject } from 'imapflow';
import { foreignLine } from '../shared/foreign-text.js';
import { htmlText } from './html-text.js';

/** An e-mail that was found. */
export interface FoundEmail {
  /** Its number in the folder; stays the same. */
  id: string;
  subject: string;
  from: string;
  /** When it was received, or sent if the server does not say. */
  date?: string;
  /** The beginning of its text. */
  snippet: string;
}

const SNIPPET_CHARS = 500;
/** Enough for the snippet, whatever its encoding and however much markup precedes it. */
const SNIPPET_BYTES = 16_384;
const LINE_MAX_CHARS = 300;
const WORDS_MAX = 8;

/** Words of a query; what stands in quotation marks is one. */
export function wordsOf(query: string): string[] {
  const parts = query.match(/"[^"]+"|[^\s"]+/g) ?? [];
  return [...new Set(parts.map((part) => part.replaceAll('"', '').trim()).filter(Boolean))].slice(
    0,
    WORDS_MAX,
  );
}

/** Numbers of the e-mails that contain all words, newest first. */
export async function matching(client: ImapFlow, words: readonly string[]): Promise<number[]> {
  let found: Set<number> | undefined;
  for (const text of words) {
    const hits = (await client.search({ text }, { uid: true })) || [];
    const before = found;
    found = new Set(before ? hits.filter((uid) => before.has(uid)) : hits);
    if (found.size === 0) break;
  }
  return [...(found ?? [])].sort((a, b) => b - a);
}

/** What people see of e-mails in a list, in the order of the numbers. */
export async function previews(
  client: ImapFlow,
  uids: readonly number[],
  progress: (done: number) => void,
): Promise<FoundEmail[]> {
  if (uids.length === 0) return [];
  const wanted = { envelope: true, internalDate: true, bodyStructure: true };
  const messages = await client.fetchAll(uids.join(','), wanted, { uid: true });
  const byUid = new Map(messages.map((message) => [message.uid, message]));
  const found: FoundEmail[] = [];
  for (const uid of uids) {
    const message = byUid.get(uid);
    if (message) found.push(await preview(client, message));
    progress(found.length);
  }
  return found;
}

async function preview(client: ImapFlow, message: FetchMessageObject): Promise<FoundEmail> {
  const { uid, envelope, internalDate, bodyStructure } = message;
  const [sender] = envelope?.from ?? [];
  const from = sender?.name ? `${sender.name} <${sender.address ?? ''}>` : (sender?.address ?? '');
  const date = dateOf(internalDate ?? envelope?.date);
  return {
    id: String(uid),
    subject: foreignLine(envelope?.subject ?? '', LINE_MAX_CHARS),
    from: foreignLine(from, LINE_MAX_CHARS),
    ...(date !== undefined && { date }),
    snippet: bodyStructure ? await snippet(client, uid, bodyStructure) : '',
  };
}

async function snippet(client: ImapFlow, uid: number, structure: MessageStructureObject): Promise<string> {
  const part = textPart(structure, 'text/plain') ?? textPart(structure, 'text/html');
  if (!part) return '';
  const options = { uid: true, maxBytes: SNIPPET_BYTES };
  const { content } = await client.download(String(uid), part.part ?? '1', options);
  if (!content) return '';
  let text = '';
  for await (const chunk of content as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  return foreignLine(part.type === 'text/html' ? htmlText(text) : text, SNIPPET_CHARS);
}

/** The first part of this type that is no attachment. */
function textPart(structure: MessageStructureObject, type: string): MessageStructureObject | undefined {
  const waiting = [structure];
  for (let node = waiting.shift(); node; node = waiting.shift()) {
    if (node.type === type && node.disposition !== 'attachment') return node;
    waiting.unshift(...(node.childNodes ?? []));
  }
  return undefined;
}

function dateOf(date: Date | string | undefined): string | undefined {
  const read = new Date(date ?? NaN);
  return Number.isNaN(read.getTime()) ? undefined : read.toISOString();
}
