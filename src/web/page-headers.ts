import path from 'node:path';

/**
 * What the page may do: load and call its own server, and nothing else. Mantine writes its variables into `<style>`
 * elements, hence the one `unsafe-inline`; scripts have none. Images in answers are links, so that reading an answer
 * does not tell a third party about it.
 */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/** Headers of every file of the page. */
export const PAGE_HEADERS = {
  'Content-Security-Policy': Object.entries(POLICY)
    .map((directive) => directive.join(' '))
    .join('; '),
};

/** Names under `assets` contain a hash of the content; everything else is revalidated each time. */
export function cacheHeaders(file: string): { 'Cache-Control': string } {
  const isHashed = path.basename(path.dirname(file)) === 'assets';
  return { 'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache' };
}
