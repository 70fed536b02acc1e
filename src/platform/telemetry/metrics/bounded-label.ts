const MAX_CHARS = 100;

/**
 * Values of a label that nobody here can enumerate, such as names from a file or a server: each value is a time series
 * that lives as long as the process, so from some number on further values share one.
 */
export class BoundedLabel {
  private readonly known = new Map<string, string>();

  /** @param max distinct values; whatever comes later is `other`. */
  constructor(private readonly max: number) {}

  /** The value of the label. */
  of(value: string): string {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    if (this.known.size >= this.max || value.length > MAX_CHARS) return 'other';
    const label = value === '' ? 'none' : value;
    this.known.set(value, label);
    return label;
  }
}
