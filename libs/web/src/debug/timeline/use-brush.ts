import { useRef, useState, type MouseEvent, type PointerEvent } from 'react';
import { toTime, type TimeWindow } from '../model/time-window.js';

/** How far the pointer must move before a click becomes a selection, px. */
const DRAG_PX = 5;

interface Target {
  window: TimeWindow;
  onWindow: (window: TimeWindow | null) => void;
  onSeek: (index: number) => void;
  onSeekTime: (at: number) => void;
}

/** A click jumps, a drag selects the time to zoom into, a double click shows everything. */
export function useBrush({ window, onWindow, onSeek, onSeekTime }: Target) {
  const [selection, setSelection] = useState<{ left: number; width: number } | null>(null);
  const start = useRef<number | null>(null);
  const hasDragged = useRef(false);

  const onPointerDown = (event: PointerEvent<HTMLElement>): void => {
    hasDragged.current = false;
    start.current = event.button === 0 ? event.clientX : null;
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    const { current: from } = start;
    if (from === null) return;
    const plot = event.currentTarget;
    if (!hasDragged.current && Math.abs(event.clientX - from) < DRAG_PX) return;
    hasDragged.current = true;
    // Only now: a captured pointer would take clicks away from the bars.
    plot.setPointerCapture(event.pointerId);
    const shares = [from, event.clientX].map((x) => shareOf(plot, x)).sort((a, b) => a - b);
    const [left = 0, right = 0] = shares;
    setSelection({ left: left * 100, width: (right - left) * 100 });
  };
  const onPointerUp = (): void => {
    start.current = null;
    if (!selection) return;
    setSelection(null);
    const from = selection.left / 100;
    onWindow({ from: toTime(window, from), to: toTime(window, from + selection.width / 100) });
  };
  const onPointerCancel = (): void => {
    start.current = null;
    setSelection(null);
  };
  const onClick = (event: MouseEvent<HTMLElement>): void => {
    // The click that ends a drag does not count. One made with the keyboard has no click count.
    if (hasDragged.current && event.detail > 0) return;
    const bar = (event.target as Element).closest<HTMLElement>('[data-index]');
    if (bar) onSeek(Number(bar.dataset['index']));
    else onSeekTime(toTime(window, shareOf(event.currentTarget, event.clientX)));
  };
  const onDoubleClick = (): void => {
    onWindow(null);
  };
  return {
    selection,
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel, onClick, onDoubleClick },
  };
}

/** The position of a page coordinate within an element, 0..1. */
function shareOf(element: Element, clientX: number): number {
  const { left, width } = element.getBoundingClientRect();
  return Math.min(Math.max((clientX - left) / Math.max(width, 1), 0), 1);
}
