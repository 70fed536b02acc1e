import { clip } from '../../common/index.js';
import { ToolError } from '../../tools/index.js';

const SHOWN_CHARS = 200;
/** Below this, ports belong to services that are no web servers. */
const FREE_PORTS_FROM = 1024;

/**
 * An address of a page as a person or a page wrote it.
 * @param base the page that it was found on, for relative ones.
 * @throws ToolError `invalid_url`.
 */
export function pageAddress(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : undefined;
  if (!url) throw invalid(text, 'is not a URL. Give the whole of it, such as https://example.com/page');
  if (!/^https?:$/.test(url.protocol)) throw invalid(text, 'cannot be read: only http:// and https:// can');
  if (url.username !== '' || url.password !== '')
    throw invalid(url.host, 'must be given without a user name and password');
  const port = Number(url.port);
  if (url.port !== '' && port < FREE_PORTS_FROM)
    throw invalid(url.host, 'has a port that no web server uses');
  url.hash = '';
  return url;
}

function invalid(text: string, why: string): ToolError {
  return new ToolError(`"${clip(text, SHOWN_CHARS)}" ${why}.`, 'invalid_url');
}
