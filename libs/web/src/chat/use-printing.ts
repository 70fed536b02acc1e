import { useEffect, useRef } from 'react';

/** What {@link useWholePrint} takes. */
export interface WholePrintOptions {
  /** There are earlier messages that are not on the page. */
  hasMore: boolean;
  /** Loads some of them. */
  loadMore: () => Promise<unknown>;
}

/** The keyboard shortcut for printing first loads the whole chat onto the page. */
export function useWholePrint({ hasMore, loadMore }: WholePrintOptions): void {
  const wants = useRef(false);
  useEffect(() => {
    if (!hasMore) {
      if (wants.current) requestAnimationFrame(print);
      wants.current = false;
      return;
    }
    if (wants.current) void loadMore();
    const onKeyDown = (event: KeyboardEvent): void => {
      if (
        event.key.toLowerCase() !== 'p' ||
        !(event.ctrlKey || event.metaKey) ||
        event.shiftKey ||
        event.altKey
      )
        return;
      event.preventDefault();
      if (wants.current) return;
      wants.current = true;
      void loadMore();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
    };
  });
}

function print(): void {
  window.print();
}
