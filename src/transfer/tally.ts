/** What an import has done, by kind of record. */
export class Tally {
  private readonly kinds = new Map<string, { added: number; there: number }>();

  /** @param added false: it existed already. */
  count(kind: string, added: boolean, times = 1): void {
    const counts = this.kinds.get(kind) ?? { added: 0, there: 0 };
    counts[added ? 'added' : 'there'] += times;
    this.kinds.set(kind, counts);
  }

  /** For a person: `1 chat, 2 messages, 120 events added; 0 were there already`. */
  toString(): string {
    const all = [...this.kinds].map(([kind, { added }]) => `${added} ${kind}${added === 1 ? '' : 's'}`);
    const there = [...this.kinds.values()].reduce((sum, counts) => sum + counts.there, 0);
    return `${all.join(', ')} added; ${there} records existed already`;
  }
}
