import type { ModelMessage } from '../../models/index.js';

/** Sent to a model whose answer was cut off in the middle, as the last message, after the part that was received. */
export const CONTINUE_INSTRUCTION =
  'Your last message was cut off by a connection failure. Continue it exactly where it stops, with the very next character. Repeat nothing of it, add no preface. If nothing is missing, reply with nothing.';

/** The transcript for continuing after `partial`; unchanged if nothing was received. */
export function continueAfter(messages: readonly ModelMessage[], partial: string): ModelMessage[] {
  if (partial === '') return [...messages];
  return [
    ...messages,
    { role: 'assistant', content: partial },
    { role: 'user', content: CONTINUE_INSTRUCTION, continues: true },
  ];
}

/** A shorter repetition counts as coincidence. */
const MIN_OVERLAP = 12;
/** … and so does one with few different characters: table rules, indentation, closing braces. */
const MIN_DISTINCT = 6;
/** How far back a model is expected to start over, unless it starts over from the beginning. */
const MAX_OVERLAP = 2000;

/**
 * Joins the continuation of a cut-off answer to the part that was already shown. A model told to continue often starts
 * over, from the beginning or a few words back; what it repeats is dropped. While the new text may still turn out to
 * be a repetition, it is held back.
 */
export class ContinuationJoin {
  private fresh = '';
  private lead = '';
  private decided: boolean;
  /**
   * Positions in the shown text with which the new text, as far as received, agrees; the earliest is the longest
   * repetition.
   */
  private starts: number[];

  constructor(private readonly shown: string) {
    this.starts = possibleStarts(shown);
    this.decided = this.starts.length === 0;
  }

  /** Takes a piece of the new text; returns what can be shown now. */
  push(piece: string): string {
    if (this.decided) return piece;
    const text = this.fresh === '' ? this.takeLead(piece) : piece;
    const from = this.fresh.length;
    this.fresh += text;
    this.starts = this.starts.filter((start) => this.agrees(start + from, text));
    const open = this.starts.some((start) => this.shown.length - start > this.fresh.length);
    return open ? '' : this.decide(this.starts[0]);
  }

  /** The new text is complete; returns the rest to be shown. */
  flush(): string {
    if (this.decided) return '';
    const restarted = this.starts[0] === firstWord(this.shown) && isTelling(this.fresh);
    if (!restarted)
      return this.decide(this.starts.find((start) => this.shown.length - start <= this.fresh.length));
    // It started again from the beginning and stopped before the end of what was already shown: nothing is new.
    this.decided = true;
    return '';
  }

  private decide(start: number | undefined): string {
    this.decided = true;
    return start === undefined ? this.lead + this.fresh : this.fresh.slice(this.shown.length - start);
  }

  /** White space before the first word may or may not belong to a repetition: it waits for the decision. */
  private takeLead(piece: string): string {
    const text = piece.trimStart();
    this.lead += piece.slice(0, piece.length - text.length);
    return text;
  }

  private agrees(at: number, piece: string): boolean {
    const expected = this.shown.slice(at, at + piece.length);
    return piece.startsWith(expected);
  }
}

function firstWord(text: string): number {
  return text.length - text.trimStart().length;
}

/** The beginning, and every position near the end from which a repetition would not be a coincidence. Ascending. */
function possibleStarts(shown: string): number[] {
  const beginning = firstWord(shown);
  if (beginning === shown.length) return [];
  const starts: number[] = [];
  const seen = new Set<string>();
  for (let start = shown.length - 1; start > Math.max(beginning, shown.length - MAX_OVERLAP); start--) {
    seen.add(shown.charAt(start));
    if (seen.size >= MIN_DISTINCT && shown.length - start >= MIN_OVERLAP) starts.push(start);
  }
  return [...starts, beginning].reverse();
}

function isTelling(text: string): boolean {
  return text.length >= MIN_OVERLAP && new Set(text).size >= MIN_DISTINCT;
}
