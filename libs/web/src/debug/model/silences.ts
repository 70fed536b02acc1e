import type { Row } from './rows.js';

/** A stretch of the log in which nothing was logged. Times: ms since the first event. */
export interface Silence {
  readonly from: number;
  readonly to: number;
  /** Row that ended it. */
  readonly index: number;
}

/** Default minimum of silences to mark, ms. */
export const SILENCE_MS = 1000;

/** Whether a row ended a silence of `threshold` ms or more. The time before a thought counts as thinking. */
export const endsSilence = ({ delta, event }: Row, threshold: number): boolean =>
  delta >= threshold && event.type !== 'rationale';

/** Every silence of at least `threshold` ms. */
export function findSilences(rows: readonly Row[], threshold: number): Silence[] {
  return rows
    .filter((row) => endsSilence(row, threshold))
    .map(({ offset, delta, index }) => ({ from: offset - delta, to: offset, index }));
}

/** Gaps in `seq`: events that the server has lost. */
export function findGaps(rows: readonly Row[]): { index: number; at: number; missing: number }[] {
  return rows
    .filter(({ missing }) => missing > 0)
    .map(({ index, offset, missing }) => ({ index, at: offset, missing }));
}
