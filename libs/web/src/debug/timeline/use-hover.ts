import { useState, type PointerEvent } from 'react';
import { toTime, type TimeWindow } from '../model/time-window.js';

/** What the pointer is over. */
export interface Hover {
  /** Pixels from the left edge. */
  readonly x: number;
  /** Pixels from the upper edge of the visible part. */
  readonly y: number;
  /** ms since the first event. */
  readonly time: number;
  /** Row that the bar or mark under the pointer represents; null over empty space. */
  readonly index: number | null;
}

/** Follows the pointer over a drawing of time. */
export function useHover(window: TimeWindow) {
  const [at, setAt] = useState<Hover | null>(null);
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    // A scrolling finger does not hover.
    if (event.pointerType === 'touch') return;
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - left;
    const y = event.clientY - (event.currentTarget.parentElement?.getBoundingClientRect().top ?? 0);
    const bar = (event.target as Element).closest<HTMLElement>('[data-index]');
    const index = bar ? Number(bar.dataset['index']) : null;
    setAt({ x, y, time: toTime(window, x / Math.max(width, 1)), index });
  };
  const onPointerLeave = (): void => {
    setAt(null);
  };
  return { at, onPointerMove, onPointerLeave };
}
