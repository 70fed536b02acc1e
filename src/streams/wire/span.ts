import { Chunk } from '../dialects/chunk.js';
import type { Dialect } from '../dialects/dialect.js';
import type { Frame } from '../dialects/frame.js';

/** A span in one dialect. */
export interface EncodedSpan {
  readonly chunk: Chunk;
  /** Of the dialect, after the last event of the span. */
  readonly state: unknown;
}

/** Consecutive frames of one log that are written in one go; their bytes are shared by all clients that read them. */
export class Span {
  private readonly encoded = new Map<Dialect, EncodedSpan>();

  /**
   * @param frames at least one, by ascending seq without gaps.
   * @param grown called after the span was encoded in another dialect, and takes more memory.
   */
  constructor(
    readonly frames: readonly Frame[],
    private readonly grown?: () => void,
  ) {}

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

  /** Bytes of the encoded frames. */
  get encodedBytes(): number {
    return [...this.encoded.values()].reduce((sum, { chunk }) => sum + chunk.framed.length, 0);
  }

  /** The span in a dialect, encoded on first use. @param state of the dialect before the span. */
  in(dialect: Dialect, state: unknown): EncodedSpan {
    return this.encoded.get(dialect) ?? this.encode(dialect, state);
  }

  /** The part from `seq` on. */
  startingAt(seq: number): Span {
    return seq <= this.from ? this : new Span(this.frames.slice(seq - this.from));
  }

  /** The part before `seq`, which it contains or ends with. */
  endingBefore(seq: number): Span {
    return seq >= this.to ? this : new Span(this.frames.slice(0, seq - this.from));
  }

  private encode(dialect: Dialect, before: unknown): EncodedSpan {
    let state = before;
    let text = '';
    for (const frame of this.frames) {
      const encoded = frame.in(dialect, state);
      text += encoded.frames;
      ({ state } = encoded);
    }
    const span = { chunk: new Chunk(text), state };
    this.encoded.set(dialect, span);
    this.grown?.();
    return span;
  }
}
