import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

/** Closer to the end than this, px, counts as at the end. */
const NEAR_PX = 40;

/** What {@link useStickToBottom} returns. */
export interface Sticking {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** The newest is in view, and stays in view while it grows. */
  isAtEnd: boolean;
  /** Scrolls to the newest and stays there. */
  goToEnd: () => void;
  /** Stays where it is, whatever arrives. */
  letGo: () => void;
}

/**
 * Keeps the end of growing content in view until the reader scrolls up, and again when the reader scrolls back down.
 * The direction tells what the reader does: growing content never moves up.
 */
export function useStickToBottom(): Sticking {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);

  const stick = useCallback((isWanted: boolean) => {
    sticks.current = isWanted;
    setAtEnd(isWanted);
  }, []);
  const goToEnd = useCallback(() => {
    stick(true);
    toEnd(scroller.current);
  }, [stick]);
  const letGo = useCallback(() => {
    stick(false);
  }, [stick]);

  useEffect(() => {
    const box = scroller.current;
    if (!box || !content.current) return;
    let lastTop = box.scrollTop;
    const onScroll = (): void => {
      const top = box.scrollTop;
      const left = box.scrollHeight - box.clientHeight - top;
      if (top < lastTop && left > 2) stick(false);
      else if (left < NEAR_PX && (top > lastTop || left <= 2)) stick(true);
      lastTop = top;
    };
    const onResize = (): void => {
      if (sticks.current) toEnd(box);
    };
    const sizes = new ResizeObserver(onResize);
    sizes.observe(box);
    sizes.observe(content.current);
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      sizes.disconnect();
      box.removeEventListener('scroll', onScroll);
    };
  }, [stick]);

  return { scroller, content, isAtEnd, goToEnd, letGo };
}

function toEnd(box: HTMLElement | null): void {
  if (box) box.scrollTop = box.scrollHeight;
}
