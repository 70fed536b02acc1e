import { cleanText, clip } from '../common/index.js';
import type { ToolSource } from './tool.js';

const TITLE_CHARS = 300;
const ID_CHARS = 200;
const URL_CHARS = 2000;

/**
 * Sources as they can be stored and shown, each once: a tool may pass on what somebody else's server has written. A
 * source that has no title is called after its address; one that names nothing is left out, and so is an address that
 * is not of the web.
 * @param max sources, the first ones.
 */
export function cleanSources(sources: readonly ToolSource[], max: number): ToolSource[] {
  const clean = new Map<string, ToolSource>();
  for (const given of sources) {
    if (clean.size >= max) break;
    const source = toClean(given);
    const key = source && (source.document_id ?? source.url ?? source.title);
    if (source && key !== undefined && !clean.has(key)) clean.set(key, source);
  }
  return [...clean.values()];
}

function toClean({ title, url, document_id }: ToolSource): ToolSource | undefined {
  const address = webAddress(url);
  const id = typeof document_id === 'string' ? cleanText(document_id.slice(0, ID_CHARS)) : '';
  const words = typeof title === 'string' ? cleanText(title).replace(/\s+/g, ' ').trim() : '';
  const name = words === '' ? (address ?? id) : words;
  if (name === '') return undefined;
  return {
    title: clip(name, TITLE_CHARS),
    ...(address !== undefined && { url: address }),
    ...(id !== '' && { document_id: id }),
  };
}

function webAddress(url: unknown): string | undefined {
  if (typeof url !== 'string' || url.length > URL_CHARS || !URL.canParse(url)) return undefined;
  const { protocol, href, username, password } = new URL(url);
  const isOpen = (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
  return isOpen ? href : undefined;
}
