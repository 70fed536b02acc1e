import type { RunFigures } from '../../messages/index.js';

/** Figures of some runs. */
export interface Figures {
  total: number;
  /** Not ended. */
  active: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** Of those that have ended; `null`: none has. */
  average_duration_ms: number | null;
  tokens: number;
}

/** For the documentation of routes. */
export const FIGURES_EXAMPLE: Figures = {
  total: 12,
  active: 1,
  completed: 10,
  failed: 1,
  cancelled: 0,
  average_duration_ms: 5230,
  tokens: 18_400,
};

/** Adds runs up. */
export function summed(runs: readonly RunFigures[]): Figures {
  const count = (...statuses: RunFigures['status'][]): number =>
    sum(runs.filter(({ status }) => statuses.includes(status)).map((run) => run.count));
  const ended = count('completed', 'error', 'cancelled');
  const duration = sum(runs.map(({ duration_ms }) => duration_ms));
  return {
    total: count('completed', 'error', 'cancelled', 'pending', 'processing'),
    active: count('pending', 'processing'),
    completed: count('completed'),
    failed: count('error'),
    cancelled: count('cancelled'),
    average_duration_ms: ended === 0 ? null : Math.round(duration / ended),
    tokens: sum(runs.map(({ tokens }) => tokens)),
  };
}

/** The same for each group. Runs that belong to none are left out. */
export function summedBy(
  runs: readonly RunFigures[],
  groupOf: (run: RunFigures) => string | null,
): Record<string, Figures> {
  const names = new Set(runs.flatMap((run) => groupOf(run) ?? []));
  return Object.fromEntries(
    [...names].map((name) => [name, summed(runs.filter((run) => groupOf(run) === name))]),
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
