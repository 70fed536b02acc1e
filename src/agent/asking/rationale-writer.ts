import type { RunEmitter } from '../run-emitter.js';
import { RunFailure } from '../loop/run-failure.js';

/** A piece of this length ends with its sentence; of twice this length, with its word; of four times, anywhere. */
const LONG_CHARS = 1200;

/**
 * Groups reasoning deltas into pieces that make sense on their own: clients show only the latest `rationale`. A piece
 * ends at a blank line, at the end of a sentence once it is long, or when the thinking ends.
 */
export class RationaleWriter {
  private held = '';
  private taken = 0;

  /** @param limit characters of thinking in one run. */
  constructor(
    private readonly emitter: RunEmitter,
    private readonly limit: number,
  ) {}

  /** Takes one reasoning delta. @throws RunFailure `output_limit`: a model may think endlessly. */
  async write(delta: string): Promise<void> {
    this.held += delta;
    this.taken += delta.length;
    if (this.taken > this.limit) throw thinkingLimit(this.limit);
    for (let end = endOfPiece(this.held); end > 0; end = endOfPiece(this.held)) {
      await this.emit(this.held.slice(0, end));
      this.held = this.held.slice(end);
    }
  }

  /** The thinking has ended: what is held back goes out. */
  async flush(): Promise<void> {
    const text = this.held;
    this.held = '';
    await this.emit(text);
  }

  private async emit(text: string): Promise<void> {
    const trimmed = text.trim();
    if (trimmed !== '') await this.emitter.push({ type: 'rationale', text: trimmed });
  }
}

/** Characters of the first complete piece; 0 while there is none. */
function endOfPiece(text: string): number {
  const blank = text.search(/\S[^\S\n]*\n[^\S\n]*\n/);
  if (blank >= 0) return text.indexOf('\n', blank) + 1;
  if (text.length < LONG_CHARS) return 0;
  if (text.length > 4 * LONG_CHARS) return text.length;
  const word = text.length > 2 * LONG_CHARS ? text.lastIndexOf(' ') : -1;
  return Math.max(text.lastIndexOf('. '), text.lastIndexOf('\n'), word) + 1;
}

function thinkingLimit(limit: number): RunFailure {
  const error = `The model thought for more than ${limit} characters without reaching an answer.`;
  return new RunFailure({ error, code: 'output_limit', retryable: false });
}
