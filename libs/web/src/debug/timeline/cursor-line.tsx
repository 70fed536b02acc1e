import { useEffect, useRef, type ReactElement } from 'react';
import type { Player } from '../model/player.js';
import { toPercent, type TimeWindow } from '../model/time-window.js';
import classes from './cursor-line.module.css';

/** The replay's position. Moves with every frame, so it moves without React. */
export function CursorLine(props: { player: Player; window: TimeWindow; hasHandle?: boolean }): ReactElement {
  const { player, window, hasHandle = false } = props;
  const line = useRef<HTMLDivElement>(null);
  const { from, to } = window;
  useEffect(() => {
    const place = (): void => {
      const { current } = line;
      if (!current) return;
      const percent = toPercent({ from, to }, player.snapshot().offset);
      current.style.transform = `translateX(${percent}%)`;
      current.style.visibility = percent < 0 || percent > 100 ? 'hidden' : 'visible';
    };
    place();
    return player.subscribe(place);
  }, [player, from, to]);
  return <div ref={line} className={classes.cursor} data-handle={hasHandle || undefined} aria-hidden />;
}
