import { toPercent, type TimeWindow } from './time-window.js';

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where to draw a span, in per cent of the window's width. */
export interface Placed<T> {
  readonly item: T;
  readonly left: number;
  readonly width: number;
}

/**
 * The spans to draw, so that ten thousand cost no more than fit: those outside the window are left out, and those that
 * would fall within the same pixel as their predecessor on the line.
 * @param pixels width of the drawing.
 */
export function placeSpans<T extends Span>(
  spans: readonly T[],
  window: TimeWindow,
  { pixels, lineOf = () => 0 }: { pixels: number; lineOf?: (span: T) => number },
): Placed<T>[] {
  const pixel = 100 / Math.max(pixels, 1);
  const drawnTo = new Map<number, number>();
  const placed: Placed<T>[] = [];
  for (const item of spans) {
    if (item.to < window.from || item.from > window.to) continue;
    const left = Math.max(toPercent(window, item.from), 0);
    const right = Math.min(toPercent(window, item.to), 100);
    const line = lineOf(item);
    const before = drawnTo.get(line);
    if (before !== undefined && right - before < pixel && before - left < pixel) continue;
    drawnTo.set(line, Math.max(right, left + pixel));
    placed.push({ item, left, width: right - left });
  }
  return placed;
}
