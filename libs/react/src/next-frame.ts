/** The part of a page that is needed here; tests and servers have none. */
const page = globalThis as {
  requestAnimationFrame?: (callback: () => void) => number;
  cancelAnimationFrame?: (handle: number) => void;
};

/** A page in the background is never drawn, but its state must not be older than this, ms. */
const LATEST_MS = 100;

/** Calls `callback` once, before the next frame is drawn. */
export function nextFrame(callback: () => void): void {
  const call = (): void => {
    clearTimeout(timer);
    if (handle !== undefined) page.cancelAnimationFrame?.(handle);
    callback();
  };
  const handle = page.requestAnimationFrame?.(call);
  const timer = setTimeout(call, handle === undefined ? 0 : LATEST_MS);
}
