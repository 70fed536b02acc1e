import { BlockSplitter } from './block-splitter.js';
import { Definitions } from './definitions.js';

/** Footnotes are numbered across the whole text; in a longer text, piece by piece. */
const WHOLE_CHARS = 20_000;

/** Pieces of Markdown that stay together: they are drawn together, when they come into view. */
export type Group = readonly string[];

const GROUP_CHARS = 3000;
const GROUP_BLOCKS = 12;

/**
 * Splits Markdown into pieces that mean the same separately as together, so that a growing answer redraws only its
 * last piece. A piece that has a successor never changes again, unless a definition that it refers to appears later.
 */
export function splitBlocks(markdown: string): string[] {
  return new BlockReader().read(markdown).flat();
}

/** Reads a growing text. What it has read once it does not read again. */
export class BlockReader {
  private text = '';
  /** Up to here, lines are complete and have been read. */
  private from = 0;
  private splitter = new BlockSplitter();
  private definitions = new Definitions();
  private groups: { raw: string[]; chars: number; shown: Group; version: number }[] = [];
  private grouped = 0;

  /** @returns the pieces of the whole text. A group that has not changed is the same array. */
  read(text: string): readonly Group[] {
    if (!text.startsWith(this.text)) Object.assign(this, new BlockReader());
    this.text = text;
    for (let end = text.indexOf('\n', this.from); end >= 0; end = text.indexOf('\n', this.from)) {
      const line = text.slice(this.from, end);
      this.splitter.add(line);
      this.definitions.add(line);
      this.from = end + 1;
    }
    const rest = text.slice(this.from);
    const { definitions } = this;
    const isWhole = text.length <= WHOLE_CHARS && /^ {0,3}\[\^[^\]\n]+\]:/m.test(text);
    if (isWhole) return [[text]];
    const known = definitions.endingWith(rest);
    this.gather();
    const last = this.splitter.endingWith(rest);
    return this.shown(last, known);
  }

  /** Puts finished pieces into groups. */
  private gather(): void {
    const { done } = this.splitter;
    for (; this.grouped < done.length; this.grouped++) {
      const block = done[this.grouped] ?? '';
      const group = this.groups.at(-1);
      if (group && group.chars < GROUP_CHARS && group.raw.length < GROUP_BLOCKS) {
        group.raw.push(block);
        group.chars += block.length;
        group.version = -1;
      } else this.groups.push({ raw: [block], chars: block.length, shown: [], version: -1 });
    }
  }

  private shown(last: readonly string[], definitions: Definitions): Group[] {
    for (const group of this.groups) {
      if (group.version === definitions.version) continue;
      const shown = group.raw.map((block) => definitions.complete(block));
      if (!isSame(shown, group.shown)) group.shown = shown;
      group.version = definitions.version;
    }
    const whole = this.groups.map((group) => group.shown);
    if (last.length === 0) return whole;
    const end = this.groups.at(-1);
    const isOpen = end && end.chars < GROUP_CHARS && end.raw.length < GROUP_BLOCKS;
    const more = last.map((block) => definitions.complete(block));
    return isOpen ? [...whole.slice(0, -1), [...end.shown, ...more]] : [...whole, more];
  }
}

function isSame(a: Group, b: Group): boolean {
  return a.length === b.length && a.every((block, index) => block === b[index]);
}
