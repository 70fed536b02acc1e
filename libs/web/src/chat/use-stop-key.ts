import { useEffect } from 'react';
import { isComposing } from '../ui/composing.js';

/** What Escape closes first. */
const OVERLAYS = '[role="dialog"], [role="menu"], [role="listbox"]';

/** Escape stops the run, unless it is meant for something on top of the page. */
export function useStopKey(isWanted: boolean, stop: () => void): void {
  useEffect(() => {
    if (!isWanted) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event)) return;
      if (document.querySelector(OVERLAYS)) return;
      stop();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
    };
  }, [isWanted, stop]);
}
