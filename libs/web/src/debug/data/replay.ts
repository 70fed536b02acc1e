import type { StreamState } from '@reprise/client';
import {
  createContext,
  use,
  useDeferredValue,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { Checkpoints } from '../model/checkpoints.js';
import { toFigures, type Figures } from '../model/figures.js';
import { Player, type Playhead } from '../model/player.js';
import type { Row } from '../model/rows.js';
import { toWaterfall, type Waterfall } from '../model/waterfall.js';
import type { LoadedRun } from './run-loader.js';

/** Everything that the parts of the page share about one run. */
export interface Replay {
  readonly run: LoadedRun;
  readonly rows: readonly Row[];
  /** When each row happened, ms since the first. */
  readonly offsets: readonly number[];
  readonly waterfall: Waterfall;
  readonly figures: Figures;
  readonly player: Player;
  /** The state right after a row. */
  readonly stateAt: (index: number) => StreamState;
}

/** Reads a run; when it grows, reads only what is new. */
export function useReplayOf(run: LoadedRun, player: Player): Replay {
  const { rows } = run;
  const [checkpoints] = useState(() => new Checkpoints());
  const derived = useMemo(() => {
    checkpoints.extend(rows);
    const waterfall = toWaterfall(rows);
    return { offsets: rows.map(({ offset }) => offset), waterfall, figures: toFigures(rows, waterfall) };
  }, [rows, checkpoints]);
  return useMemo(
    () => ({ run, rows, player, stateAt: (index) => checkpoints.at(index), ...derived }),
    [run, rows, player, checkpoints, derived],
  );
}

/** A player for these times; `first` is where it opens. */
export function usePlayer(offsets: readonly number[], first: number | null): Player {
  const [player] = useState(() => {
    const made = new Player();
    made.extend(offsets);
    if (first !== null) made.seek(first);
    return made;
  });
  useEffect(() => {
    player.extend(offsets);
  }, [player, offsets]);
  return player;
}

const ReplayContext = createContext<Replay | null>(null);

/** Provides a {@link Replay} to everything inside. */
export const ReplayProvider = ReplayContext;

/** The run that this part of the page is about. */
export function useReplay(): Replay {
  const replay = use(ReplayContext);
  if (!replay) throw new Error('There is no replay around this component.');
  return replay;
}

/** One aspect of the replay's position; redraws only when it changes. */
export function useHead<T>(player: Player, select: (head: Playhead) => T): T {
  return useSyncExternalStore(player.subscribe, () => select(player.snapshot()));
}

/** The event at the replay's position. */
export const useIndex = (player: Player): number => useHead(player, ({ index }) => index);

/** The same, delayed when the page is busy: for what takes long to draw. */
export function useLazyIndex(player: Player): number {
  return useDeferredValue(useIndex(player));
}

/** The same, and null in the first render: for what may appear a moment after everything else. */
export function useLaterIndex(player: Player): number | null {
  return useDeferredValue<number | null>(useIndex(player), null);
}
