// Reads one HTML page in a thread of its own: building its tree may take any time and memory, or overflow the stack, if
// the page wants it to. It is JavaScript because a thread loads it as it stands, also where nothing is compiled.
// Sends what a stream of tags gives (title, description, all text) at once, and the article afterwards.
import { parentPort, workerData } from 'node:worker_threads';
import { Readability } from '@mozilla/readability';
import { Parser } from 'htmlparser2';
import { parseHTML } from 'linkedom';
import TurndownService from 'turndown';

const SILENT = new Set(['script', 'style', 'noscript', 'template', 'svg', 'iframe', 'object', 'head']);
const INLINE = new Set(
  'a abbr b bdi bdo cite code data dfn em font i kbd label mark q s samp small span strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);
/** A tree of more than this is not worth its time: the text alone is enough. */
const ARTICLE_MAX_CHARS = 2_000_000;

/** Title, description and text without building a tree. */
function skim(html) {
  const found = { title: '', description: '', text: '' };
  const pieces = [];
  let silent = 0;
  let inTitle = false;
  const parser = new Parser({
    onopentag(name, { name: meta = '', property = '', content = '' }) {
      if (name === 'title') inTitle = true;
      if (name === 'meta' && /^(description|og:description)$/i.test(meta || property))
        found.description ||= content;
      if (SILENT.has(name)) silent++;
      if (!INLINE.has(name)) pieces.push('\n');
    },
    ontext(text) {
      if (inTitle) found.title += text;
      else if (silent === 0) pieces.push(text);
    },
    onclosetag(name) {
      if (name === 'title') inTitle = false;
      if (SILENT.has(name)) silent--;
      if (!INLINE.has(name)) pieces.push('\n');
    },
  });
  parser.end(html);
  found.text = pieces
    .join('')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[\s\n]*/g, '\n');
  return found;
}

/** The main part of the page as Markdown; empty if none stands out. */
function article({ html, url }) {
  const { document } = parseHTML(html);
  const found = new Readability(document, { charThreshold: 200 }).parse();
  if (!found?.content) return { title: '', description: '', markdown: '' };
  const body = parseHTML(`<!doctype html><html><body>${found.content}</body></html>`).document.body;
  for (const link of body.querySelectorAll('a[href]')) absolute(link, url);
  const service = new TurndownService({
    headingStyle: 'atx',
    codeBlockStyle: 'fenced',
    bulletListMarker: '-',
  });
  service.remove(['img', 'picture', 'video', 'audio', 'script', 'style', 'button', 'form']);
  return {
    title: found.title ?? '',
    description: found.excerpt ?? '',
    markdown: service.turndown(body),
  };
}

function absolute(link, base) {
  const href = link.getAttribute('href') ?? '';
  const url = URL.canParse(href, base) ? new URL(href, base) : undefined;
  if (url && /^https?:$/.test(url.protocol)) link.setAttribute('href', url.href);
  else link.removeAttribute('href');
}

parentPort.postMessage({ kind: 'ready' });
parentPort.postMessage({ kind: 'text', ...skim(workerData.html) });
if (workerData.html.length <= ARTICLE_MAX_CHARS)
  parentPort.postMessage({ kind: 'article', ...article(workerData) });
