import type { TransferRecord } from './records.js';

/** How often to report progress, ms. */
const TELL_MS = 2000;

/** Counts records, and reports the counts now and then. */
export class Progress {
  private readonly counts = new Map<string, number>();
  private told = performance.now();

  /**
   * @param tell receives a line for a person.
   * @param share the fraction done, from 0 to 1; unknown: undefined.
   */
  constructor(
    private readonly doing: string,
    private readonly tell: (line: string) => void,
    private readonly share: (counts: ReadonlyMap<string, number>) => number | undefined,
  ) {}

  count({ kind }: TransferRecord): void {
    if (kind === 'end') return;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    const now = performance.now();
    if (now - this.told < TELL_MS) return;
    this.told = now;
    this.tell(this.toString());
  }

  /** `Exporting (40 %): 12 users, 1,204 messages`. */
  toString(): string {
    const share = this.share(this.counts);
    const percent = share === undefined ? '' : ` (${Math.floor(Math.min(share, 1) * 100)} %)`;
    return `${this.doing}${percent}: ${this.summary || 'nothing yet'}`;
  }

  /** `12 users, 1,204 messages`. */
  get summary(): string {
    return [...this.counts]
      .map(([kind, n]) => `${n.toLocaleString('en')} ${kind.replace('_', ' ')}${n === 1 ? '' : 's'}`)
      .join(', ');
  }
}
