const DEFINITION =
  /^ {0,3}\[([^\]\n^][^\]\n]*)\]:[ \t]*(?:<[^<>\n]*>|[^\s<]\S*)(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$/;
const FOOTNOTE = /^ {0,3}\[(\^[^\]\n]+)\]:/;
const CONTINUED = /^(?: {4}|\t)/;
const LABEL = /\[([^[\]\n]+)\]/g;
/** A footnote may contain pages; its copy below a piece need not. */
const FOOTNOTE_MAX_CHARS = 4000;

/**
 * What pieces of a text refer to: `[text][name]` finds its `[name]: url`, and `[^1]` its footnote, wherever that is.
 * So each piece gets the definitions it refers to, and no others: one that appears late changes few pieces.
 */
export class Definitions {
  private byLabel = new Map<string, string>();
  private open: string | undefined;

  /** Increases with each definition, and with each line of a footnote. */
  version = 0;

  /** Takes the next line of the text. */
  add(line: string): void {
    const note = FOOTNOTE.exec(line)?.[1];
    const label = note ?? DEFINITION.exec(line)?.[1];
    if (label !== undefined) this.define(labelOf(label), line, note !== undefined);
    else if (this.open !== undefined && CONTINUED.test(line)) this.continueNote(this.open, line);
    else if (line.trim() !== '') this.open = undefined;
  }

  /** These, as if the text ended with this line. Changes nothing. */
  endingWith(line: string): Definitions {
    if (!line.includes(']:') && this.open === undefined) return this;
    const end = new Definitions();
    end.byLabel = new Map(this.byLabel);
    end.open = this.open;
    end.version = this.version;
    end.add(line);
    if (end.version === this.version) return this;
    end.version = this.version + line.length / 1e9; // more of the line may follow: not the version it has when complete
    return end;
  }

  /** A piece with the definitions it refers to. */
  complete(block: string): string {
    if (this.byLabel.size === 0 || !block.includes('[')) return block;
    const named = new Set(Array.from(block.matchAll(LABEL), ([, label = '']) => labelOf(label)));
    const found = [...named].flatMap((label) => this.byLabel.get(label) ?? []);
    return found.length === 0 ? block : `${block}\n\n${found.join('\n')}`;
  }

  private define(label: string, line: string, isNote: boolean): void {
    this.open = undefined;
    if (this.byLabel.has(label)) return; // the first one counts
    this.byLabel.set(label, line);
    this.version++;
    if (isNote) this.open = label;
  }

  private continueNote(label: string, line: string): void {
    const note = this.byLabel.get(label) ?? '';
    if (note.length > FOOTNOTE_MAX_CHARS) return;
    this.byLabel.set(label, `${note}\n${line}`);
    this.version++;
  }
}

function labelOf(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}
