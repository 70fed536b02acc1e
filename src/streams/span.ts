import type { Dialect } from './dialects/index.js';
import type { Frame } from './frame.js';

/** Neighbouring frames of one log that are written in one go; their bytes are shared by all who read them. */
export class Span {
  private readonly bytes = new Map<Dialect, Buffer>();

  /** @param frames at least one, by ascending seq without gaps. */
  constructor(readonly frames: readonly Frame[]) {}

  /** First `seq` in the span. */
  get from(): number {
    return this.frames[0]?.seq ?? 0;
  }

  /** The `seq` after the last one in the span. */
  get to(): number {
    return this.from + this.frames.length;
  }

  /** True when the log ends with this span. */
  get isEnd(): boolean {
    return this.frames.at(-1)?.isEnd ?? false;
  }

  /** The span in a dialect, encoded on first use. */
  in(dialect: Dialect): Buffer {
    let bytes = this.bytes.get(dialect);
    if (!bytes) {
      bytes = Buffer.from(this.frames.map((frame) => frame.in(dialect)).join(''));
      this.bytes.set(dialect, bytes);
    }
    return bytes;
  }

  /** The part from `seq` on. */
  startingAt(seq: number): Span {
    return seq <= this.from ? this : new Span(this.frames.slice(seq - this.from));
  }
}
