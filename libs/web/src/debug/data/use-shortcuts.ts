import { useEffect, useEffectEvent, type RefObject } from 'react';
import { placeOf } from '../model/filter.js';
import type { Player } from '../model/player.js';
import type { Row } from '../model/rows.js';

/** The page's keyboard shortcuts, for the help that lists them. */
export const SHORTCUTS: readonly (readonly [keys: string, meaning: string])[] = [
  ['Space', 'Play, pause'],
  ['← →', 'One event back, on'],
  ['↑ ↓', 'Previous, next row of the filtered log'],
  ['Home End', 'First, last row'],
  ['/', 'Search the log'],
  ['Esc', 'Leave the search'],
  ['Ctrl + wheel', 'Zoom the waterfall'],
];

/** Where keys already have another meaning. */
const TYPING = 'input, textarea, select, [contenteditable], [role=menu], [role=listbox], [role=dialog]';
const ACTS_ON_SPACE = 'button, a, summary, label, [role=switch], [role=tab], [role=radio]';
const CHOSEN_TAB = '[role=tab][aria-selected=true]';
const OWNS_ARROWS = '[role=tablist], [role=radiogroup], [role=slider], [data-owns-arrows]';

/** The page's keyboard shortcuts, wherever the focus is, unless the focused element needs the key itself. */
export function useShortcuts(
  player: Player,
  shown: readonly Row[],
  searchBox: RefObject<HTMLInputElement | null>,
): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const action = actionsOf(player, shown, searchBox)[event.key];
    if (!action || event.defaultPrevented || hasModifier(event) || isTaken(event)) return;
    event.preventDefault();
    action();
  });
  useEffect(() => {
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, []);
}

type Actions = Readonly<Record<string, () => void>>;

function actionsOf(
  player: Player,
  shown: readonly Row[],
  searchBox: { current: HTMLInputElement | null },
): Actions {
  const toRow = (place: number): void => {
    const row = shown[Math.min(Math.max(place, 0), shown.length - 1)];
    if (row) player.seek(row.index);
  };
  const place = placeOf(shown, player.snapshot().index);
  const standsOnIt = shown[place]?.index === player.snapshot().index;
  return {
    ' ': player.toggle,
    ArrowLeft: () => {
      player.step(-1);
    },
    ArrowRight: () => {
      player.step(1);
    },
    ArrowUp: () => {
      toRow(standsOnIt ? place - 1 : place);
    },
    ArrowDown: () => {
      toRow(place + 1);
    },
    Home: () => {
      toRow(0);
    },
    End: () => {
      toRow(shown.length - 1);
    },
    '/': () => {
      searchBox.current?.focus();
      searchBox.current?.select();
    },
  };
}

const hasModifier = ({ ctrlKey, metaKey, altKey }: KeyboardEvent): boolean => ctrlKey || metaKey || altKey;

function isTaken({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPING)) return true;
  // A tab that is already selected has nothing left to do.
  if (key === ' ') return target.closest(ACTS_ON_SPACE) !== null && target.closest(CHOSEN_TAB) === null;
  return key !== '/' && target.closest(OWNS_ARROWS) !== null;
}
