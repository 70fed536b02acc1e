import { Parser } from 'htmlparser2';

const BLOCKS = new Set([
  'p',
  'div',
  'br',
  'li',
  'tr',
  'table',
  'ul',
  'ol',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'hr',
  'blockquote',
  'pre',
]);
const SILENT = new Set(['script', 'style', 'head', 'title', 'template']);

/** Whether a text is meant as HTML. */
export function isHtml(text: string): boolean {
  return /<(!doctype|html|body|p|br|div|span|a|b|i|strong|em|ul|ol|table|h[1-6])\b[^>]*>/i.test(text);
}

/** The text of an HTML e-mail, without building a tree. */
export function htmlText(html: string): string {
  const pieces: string[] = [];
  let silent = 0;
  const parser = new Parser({
    onopentag: (name) => {
      if (SILENT.has(name)) silent++;
      if (BLOCKS.has(name)) pieces.push('\n');
    },
    ontext: (text) => {
      if (silent === 0) pieces.push(text);
    },
    onclosetag: (name) => {
      if (SILENT.has(name)) silent--;
      if (BLOCKS.has(name)) pieces.push('\n');
    },
  });
  parser.end(html);
  return pieces
    .join('')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[\s\n]*/g, '\n')
    .trim();
}
