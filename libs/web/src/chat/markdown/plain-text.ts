import type { Nodes } from 'mdast';
import { parse } from './processor.js';

/**
 * Markdown as one line of plain text: no markup, no addresses, cells and items separated. Headings are left out unless
 * there is nothing else. Underscores that belong to a name stay.
 */
export function plainText(markdown: string): string {
  const tree = parse(repaired(markdown));
  const text = tidy(textOf(tree, markdown, true));
  return text === '' ? tidy(textOf(tree, markdown, false)) : text;
}

/** A passage may start within a table, or end within a link. */
function repaired(markdown: string): string {
  return markdown.replace(/!?\[([^\][\n]*)\]\([^)\n]*$/, '$1').replace(/!?\[([^\][\n]*)$/, '$1');
}

function textOf(node: Nodes, source: string, skipsHeadings: boolean): string {
  const all = (between: string): string =>
    'children' in node
      ? node.children
          .map((child) => textOf(child, source, skipsHeadings))
          .filter((text) => text.trim() !== '' || between === '')
          .join(between)
      : '';
  switch (node.type) {
    case 'text':
    case 'inlineCode':
    case 'code':
      return node.value;
    case 'html':
      return node.value.replace(/<!--[^]*?-->|<\/?[a-z][^>]*>/gi, ' ');
    case 'break':
      return ' ';
    case 'image':
    case 'imageReference':
      return node.alt ?? '';
    case 'heading':
      return skipsHeadings ? '' : all('');
    case 'tableRow':
      return all(' · ');
    case 'table':
    case 'list':
      return all('; ');
    case 'root':
    case 'blockquote':
    case 'listItem':
      return all(' ');
    case 'paragraph':
      return cells(all(''));
    case 'strong':
      return isName(node, source) ? `__${all('')}__` : all('');
    case 'definition':
    case 'footnoteDefinition':
    case 'footnoteReference':
    case 'thematicBreak':
      return '';
    default:
      return all('');
  }
}

/** `__init__` is a name, not a bold word. */
function isName(node: Nodes, source: string): boolean {
  const { start, end } = node.position ?? {};
  return /^__\w+__$/.test(source.slice(start?.offset, end?.offset));
}

/** Rows of a table whose head is in another passage. */
function cells(text: string): string {
  const lines = text.split('\n');
  if (!lines.every((line) => /^\s*\|.*\|?\s*$/.test(line))) return text;
  const rows = lines.filter((line) => !/^[\s|:-]+$/.test(line));
  return rows
    .map((row) =>
      row
        .replace(/^\s*\||\|\s*$/g, '')
        .split('|')
        .map((cell) => cell.trim())
        .filter(Boolean)
        .join(' · '),
    )
    .join('; ');
}

function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
