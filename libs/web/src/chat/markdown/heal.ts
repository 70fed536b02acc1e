const OPEN_FENCE = /^\s*(`{3,}|~{3,})/;
const TABLE_ROW = /^\s*\|/;
const DELIMITER_ROW = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/**
 * Closes what a half-written piece has opened, so that a growing answer shows no `**`, no bare brackets of a link and
 * no row of pipes that turns into a table a moment later. For the last piece of an answer that is still being written.
 */
export function heal(block: string): string {
  if (OPEN_FENCE.test(block)) return block;
  const lines = block.split('\n');
  const table = tableStart(lines);
  if (table !== undefined) return lines.slice(0, table).join('\n');
  const last = lines.pop() ?? '';
  return [...lines, healLine(last, lines.length > 0)].join('\n');
}

/** Where a table starts whose second row is not complete yet. */
function tableStart(lines: readonly string[]): number | undefined {
  const start = lines.findIndex((line) => TABLE_ROW.test(line));
  if (start < 0 || lines.length - start > 2) return undefined;
  const [head = '', delimiter] = lines.slice(start);
  if (delimiter === undefined) return start;
  const isWhole = DELIMITER_ROW.test(delimiter) && cells(delimiter) >= cells(head);
  return isWhole ? undefined : start;
}

function cells(row: string): number {
  return row.trim().replace(/^\|/, '').replace(/\|$/, '').split('|').length;
}

function healLine(line: string, hasLinesAbove: boolean): string {
  // A lone `#` becomes a heading, and `--` below a text makes that text a heading: wait for the rest of the line.
  if (/^\s{0,3}#{1,6}\s*$/.test(line)) return '';
  if (hasLinesAbove && /^\s{0,3}(?:-+|=+)\s*$/.test(line)) return '';
  return healEmphasis(healLink(healCode(line)));
}

function healCode(line: string): string {
  const marks = line.match(/`/g)?.length ?? 0;
  if (marks % 2 === 0) return line;
  return line.endsWith('`') ? line.slice(0, -1) : `${line}\``;
}

function healLink(line: string): string {
  return line.replace(/!?\[([^\]\n`]*)\]\([^)\n]*$/, '$1').replace(/(^|\s)!?\[([^\]\n`]*)\]?$/, '$1$2');
}

function healEmphasis(line: string): string {
  const outside = line.replace(/`[^`]*`/g, '');
  const marks = outside.match(/\*\*/g)?.length ?? 0;
  if (marks % 2 === 1)
    return line.endsWith('**') ? line.slice(0, -2) : `${line.replace(/\*$/, '').trimEnd()}**`;
  if (line.endsWith('*'))
    return !line.endsWith('**') && !/\*\S[^*]*\*$/.test(line) ? line.slice(0, -1) : line;
  const unpaired = outside.replaceAll('**', '').replace(/\*[^\s*](?:[^*]*[^\s*])?\*/g, '');
  return /(?:^|[\s(])\*[^\s*]/.test(unpaired) ? `${line.trimEnd()}*` : line;
}
