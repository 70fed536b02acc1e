const FENCE = /^\s*(`{3,}|~{3,})/;
const LIST_ITEM = /^( {0,3})(?:([-*+])|(\d{1,9})([.)]))(?:\s|$)/;
const INDENTED = /^(?: {2,}|\t)/;
const CODE_INDENT = /^(?: {4}|\t)/;
const TABLE_DELIMITER = /^\s{0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const UNDERLINE = /^ {0,3}(?:=+|-+)\s*$/;

/** A piece of this length is split where that makes no difference to the reader: parsing time grows with length. */
const LONG_CHARS = 4000;
/** Running text is split in the middle only if it has no end. */
const ENDLESS_CHARS = 8000;

type Kind = 'list' | 'indented' | 'table' | 'other';

/** About the list in a piece. */
interface List {
  indent: string;
  /** The marker of its items: `-`, `*`, `+`, `.` or `)`. */
  mark: string;
  /** Number of the next item. */
  next: number;
}

/** A splitter's state for the current piece. */
interface Piece {
  lines: string[];
  chars: number;
  kind: Kind;
  fence: string | undefined;
  afterBlank: boolean;
  list: List | undefined;
}

const nothing = (): Piece => ({
  lines: [],
  chars: 0,
  kind: 'other',
  fence: undefined,
  afterBlank: false,
  list: undefined,
});

/** Splits Markdown into pieces, line by line. Linear. */
export class BlockSplitter {
  /** Pieces that no longer change. */
  readonly done: string[] = [];
  private at = nothing();

  /** Takes a whole line, without its line ending. */
  add(line: string): void {
    const { at } = this;
    if (at.fence !== undefined) {
      if (closes(line, at.fence)) at.fence = undefined;
      this.push(line);
    } else if (line.trim() !== '') this.take(line);
    else if (at.lines.length > 0) {
      at.afterBlank = true;
      this.push(line);
    }
  }

  /** The unfinished pieces, as if the text ended with this line. Changes nothing. */
  endingWith(line: string): string[] {
    const end = new BlockSplitter();
    const { lines, list } = this.at;
    end.at = { ...this.at, lines: [...lines], list: list && { ...list } };
    end.add(line);
    end.flush();
    return end.done;
  }

  private take(line: string): void {
    if (this.at.afterBlank && !this.continues(line)) this.flush();
    const text = this.at.chars > LONG_CHARS ? this.cutBefore(line) : line;
    const { at } = this;
    if (at.lines.length === 0) at.kind = kindOf(text);
    else if (at.lines.length === 1 && at.kind === 'other' && isTable(at.lines[0], text)) at.kind = 'table';
    at.afterBlank = false;
    at.fence = FENCE.exec(text)?.[1];
    if (at.kind === 'list') at.list = listAfter(text, at.list);
    this.push(at.kind === 'other' && at.fence === undefined ? this.cutEndless(text) : text);
  }

  /** Whether the line belongs to the piece before the blank line. */
  private continues(line: string): boolean {
    const { kind } = this.at;
    if (kind === 'list') return LIST_ITEM.test(line) || INDENTED.test(line);
    return kind === 'indented' && CODE_INDENT.test(line);
  }

  /**
   * Starts another piece of the same list, table or text, if the line allows it. @returns the line as it appears
   * there.
   */
  private cutBefore(line: string): string {
    const { kind, list, lines, chars } = this.at;
    if (kind === 'list') {
      const item = LIST_ITEM.exec(line);
      if (!list || !item || item[1] !== list.indent || markOf(item) !== list.mark) return line;
      this.flush();
      return item[3] === undefined ? line : line.replace(/\d+/, String(list.next));
    }
    if (kind === 'table') {
      this.flush();
      for (const row of lines.slice(0, 2)) this.push(row); // each piece repeats the head
      this.at.kind = 'table';
    } else if (kind === 'indented' || (chars > ENDLESS_CHARS && !UNDERLINE.test(line))) this.flush();
    return line;
  }

  /** Splits a line that has no end. @returns the rest of it. */
  private cutEndless(line: string): string {
    let rest = line;
    while (rest.length > ENDLESS_CHARS) {
      const space = rest.lastIndexOf(' ', ENDLESS_CHARS);
      const end = space > LONG_CHARS ? space : ENDLESS_CHARS;
      this.push(rest.slice(0, end));
      this.flush();
      rest = rest.slice(end);
    }
    return rest;
  }

  private push(line: string): void {
    this.at.lines.push(line);
    this.at.chars += line.length + 1;
  }

  private flush(): void {
    if (this.at.lines.length > 0) this.done.push(this.at.lines.join('\n'));
    this.at = nothing();
  }
}

function kindOf(line: string): Kind {
  if (LIST_ITEM.test(line)) return 'list';
  return CODE_INDENT.test(line) ? 'indented' : 'other';
}

function isTable(head: string | undefined, line: string): boolean {
  return head?.includes('|') === true && TABLE_DELIMITER.test(line);
}

function listAfter(line: string, list: List | undefined): List | undefined {
  const item = LIST_ITEM.exec(line);
  if (!item || (list && item[1] !== list.indent)) return list;
  const mark = markOf(item);
  const next = list?.mark === mark ? list.next + 1 : Number(item[3] ?? 0) + 1;
  return { indent: item[1] ?? '', mark, next };
}

function markOf(item: RegExpExecArray): string {
  return item[2] ?? item[4] ?? '';
}

function closes(line: string, fence: string): boolean {
  const mark = FENCE.exec(line)?.[1];
  return mark?.[0] === fence[0] && (mark?.length ?? 0) >= fence.length && line.trim() === mark;
}
