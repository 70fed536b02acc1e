import type { Row } from './rows.js';

/** A stretch of the log in which nothing was said. Times: ms since the first event. */
export interface Silence {
  readonly from: number;
  readonly to: number;
  /** Row that ended it. */
  readonly index: number;
}

/** Silences that are marked unless somebody asks for others, ms. */
export const SILENCE_MS = 1000;

/** Whether a row ended a silence of `threshold` ms or more. What comes before a thought is the time it took to think it. */
export const endsSilence = ({ delta, event }: Row, threshold: number): boolean =>
  delta >= threshold && event.type !== 'rationale';

/** Every silence of at least `threshold` ms. */
export function findSilences(rows: readonly Row[], threshold: number): Silence[] {
  return rows
    .filter((row) => endsSilence(row, threshold))
    .map(({ offset, delta, index }) => ({ from: offset - delta, to: offset, index }));
}

/** Places where events are missing in `seq`: a fault of whoever keeps the log. */
export function findGaps(rows: readonly Row[]): { index: number; at: number; missing: number }[] {
  return rows
    .filter(({ missing }) => missing > 0)
    .map(({ index, offset, missing }) => ({ index, at: offset, missing }));
}
