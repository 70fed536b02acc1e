import { initialState, reduce, type StreamState } from '@reprise/client';
import type { Row } from './rows.js';

/** Events between two stored states. */
const EVERY = 64;

/**
 * The state at any event of a log. States are values, so every {@link EVERY}th is stored, and any other is computed
 * from the one before it with fewer reductions than that.
 */
export class Checkpoints {
  /** Reductions made so far. */
  reductions = 0;
  /** `kept[k]`: the state before row `k * every`. */
  private readonly kept: StreamState[] = [initialState];
  private rows: readonly Row[] = [];
  private newest: { index: number; state: StreamState } = { index: -1, state: initialState };
  private last = this.newest;

  constructor(private readonly every = EVERY) {}

  /** Takes the rows of a log, or of the same log after it has grown. */
  extend(rows: readonly Row[]): void {
    this.rows = rows;
    let { index, state } = this.newest;
    while (index + 1 < rows.length) {
      state = this.step(state, ++index);
      if ((index + 1) % this.every === 0) this.kept.push(state);
    }
    this.newest = { index, state };
  }

  /** The state right after row `index`; before the first event for -1, the newest for anything too large. */
  at(index: number): StreamState {
    const wanted = Math.min(index, this.rows.length - 1);
    if (wanted < 0) return initialState;
    if (wanted === this.newest.index) return this.newest.state;
    let { index: from, state } = this.baseFor(wanted);
    while (from < wanted) state = this.step(state, ++from);
    this.last = { index: wanted, state };
    return state;
  }

  private baseFor(wanted: number): { index: number; state: StreamState } {
    const k = Math.floor((wanted + 1) / this.every);
    const index = k * this.every - 1;
    const { last } = this;
    if (last.index >= index && last.index <= wanted) return last;
    return { index, state: this.kept[k] ?? initialState };
  }

  private step(state: StreamState, index: number): StreamState {
    const row = this.rows[index];
    if (!row) return state;
    this.reductions++;
    return reduce(state, row.event);
  }
}
