import { useEffect, useEffectEvent, type RefObject } from 'react';
import { toTime, zoomAt, type TimeWindow } from '../model/time-window.js';

/** Ctrl and the wheel (or two fingers on a touchpad) zoom around the pointer; horizontal scrolling pans. */
export function useWheelZoom(
  plot: RefObject<HTMLElement | null>,
  window: TimeWindow,
  onWindow: (window: TimeWindow) => void,
): void {
  const onWheel = useEffectEvent((event: WheelEvent) => {
    const { current } = plot;
    if (!current) return;
    const { left, width } = current.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      onWindow(zoomAt(window, toTime(window, (event.clientX - left) / width), Math.exp(event.deltaY / 250)));
    } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      const by = (event.deltaX / width) * (window.to - window.from);
      onWindow({ from: window.from + by, to: window.to + by });
    }
  });
  useEffect(() => {
    const { current } = plot;
    if (!current) return undefined;
    // React's wheel listeners are passive and cannot keep the page from scrolling.
    current.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      current.removeEventListener('wheel', onWheel);
    };
  }, [plot]);
}
