/** The visible part of a run. ms since its first event. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** The closest zoom: events are stamped in whole milliseconds. */
const MIN_MS = 5;

/** A whole run, with a little space at its end; never empty. */
export function wholeRun(duration: number): TimeWindow {
  return { from: 0, to: Math.max(duration, 1) * 1.01 };
}

/** The window, moved and clipped so that it lies within `whole`. */
export function fitInto({ from, to }: TimeWindow, whole: TimeWindow): TimeWindow {
  const span = Math.min(Math.max(to - from, MIN_MS), whole.to - whole.from);
  const start = Math.min(Math.max(from, whole.from), whole.to - span);
  return { from: start, to: start + span };
}

/** Zooms in (`factor` < 1) or out around a point that stays where it is. */
export function zoomAt({ from, to }: TimeWindow, at: number, factor: number): TimeWindow {
  return { from: at - (at - from) * factor, to: at + (to - at) * factor };
}

/** Position of a time in the window, in per cent of its width; may lie outside 0..100. */
export const toPercent = ({ from, to }: TimeWindow, at: number): number => ((at - from) / (to - from)) * 100;

/** The time at a fraction of the window's width. */
export const toTime = ({ from, to }: TimeWindow, share: number): number => from + share * (to - from);

/** The window moved so that `at` is visible; the same window if it already is. */
export function reveal(window: TimeWindow, at: number): TimeWindow {
  if (at >= window.from && at <= window.to) return window;
  const span = window.to - window.from;
  return { from: at - span / 2, to: at + span / 2 };
}

/** Round times for the ruler's lines: steps of 1, 2 or 5 times a power of ten, at most `most` of them. */
export function ticks({ from, to }: TimeWindow, most: number): number[] {
  const step = niceStep((to - from) / Math.max(most, 1));
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

/** Steps of minutes are round in minutes, not in thousands of seconds. */
const MINUTES = [15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];

function niceStep(rough: number): number {
  if (rough > 10_000)
    return MINUTES.find((step) => step >= rough) ?? Math.ceil(rough / 3_600_000) * 3_600_000;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10;
  return step * power;
}

/** How many of `offsets` (ascending) fall into each of `count` equal parts of the window. */
export function density(offsets: ArrayLike<number>, { from, to }: TimeWindow, count: number): Uint32Array {
  const bins = new Uint32Array(count);
  const scale = count / (to - from);
  for (let i = 0; i < offsets.length; i++) {
    const bin = Math.floor(((offsets[i] ?? 0) - from) * scale);
    if (bin >= 0 && bin < count) bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}
