const FENCE = /^\s*(`{3,}|~{3,})/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const INDENTED = /^(?: {2,}|\t)/;
const CODE_INDENT = /^(?: {4}|\t)/;
const FOOTNOTE = /^ {0,3}\[\^[^\]\n]+\]:/m;
const DEFINITION =
  /^ {0,3}\[[^\]\n]+\]:[ \t]*(?:<[^<>\n]*>|[^\s<]\S*)(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$/gm;

/**
 * Cuts Markdown into pieces that mean the same alone as together, so that a growing answer draws its last piece anew and
 * no other. A piece that has a successor never changes any more, unless a link definition comes in later. Linear.
 */
export function splitBlocks(markdown: string): string[] {
  if (FOOTNOTE.test(markdown)) return [markdown]; // they are numbered over the whole
  const blocks = new BlockSplitter();
  for (const line of markdown.split('\n')) blocks.add(line);
  return withDefinitions(blocks.finish(), markdown);
}

type Kind = 'list' | 'indented' | 'other';

class BlockSplitter {
  private readonly blocks: string[] = [];
  private lines: string[] = [];
  private kind: Kind = 'other';
  private fence: string | undefined;
  private afterBlank = false;

  add(line: string): void {
    if (this.fence !== undefined) {
      if (closes(line, this.fence)) this.fence = undefined;
      this.lines.push(line);
      return;
    }
    if (line.trim() === '') this.afterBlank = this.lines.length > 0;
    else this.begin(line);
    if (this.lines.length > 0 || line.trim() !== '') this.lines.push(line);
  }

  finish(): string[] {
    this.flush();
    return this.blocks;
  }

  private begin(line: string): void {
    if (this.afterBlank && !this.continues(line)) this.flush();
    if (this.lines.length === 0) this.kind = kindOf(line);
    this.afterBlank = false;
    this.fence = FENCE.exec(line)?.[1];
  }

  /** Whether the line belongs to the piece before the blank line. */
  private continues(line: string): boolean {
    if (this.kind === 'list') return LIST_ITEM.test(line) || INDENTED.test(line);
    return this.kind === 'indented' && CODE_INDENT.test(line);
  }

  private flush(): void {
    if (this.lines.length > 0) this.blocks.push(this.lines.join('\n'));
    this.lines = [];
  }
}

function kindOf(line: string): Kind {
  if (LIST_ITEM.test(line)) return 'list';
  return CODE_INDENT.test(line) ? 'indented' : 'other';
}

function closes(line: string, fence: string): boolean {
  const mark = FENCE.exec(line)?.[1];
  return mark?.[0] === fence[0] && (mark?.length ?? 0) >= fence.length && line.trim() === mark;
}

/** `[text][name]` finds its `[name]: url` wherever that stands, so each piece that has links is given them all. */
function withDefinitions(blocks: string[], markdown: string): string[] {
  const definitions = markdown.match(DEFINITION);
  if (!definitions) return blocks;
  const all = definitions.join('\n');
  return blocks.map((block) => (block.includes('[') ? `${block}\n\n${all}` : block));
}
