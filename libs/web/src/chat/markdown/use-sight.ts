import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';
import { flushSync } from 'react-dom';

/** How far from the viewport a piece is drawn, px: scrolling by one turn of the wheel shows no blank space. */
const MARGIN_PX = 800;
/** Closer to the end than this, px, the reader counts as at the end. */
const AT_END_PX = 2;

/** Everything that is not drawn yet. */
const waiting = new Set<() => void>();

if (typeof window !== 'undefined')
  window.addEventListener('beforeprint', () => {
    flushSync(() => {
      for (const draw of [...waiting]) draw();
    });
  });

/** What {@link useSight} takes. */
export interface SightOptions {
  box: RefObject<HTMLElement | null>;
  isWanted: boolean;
  /** Draws the element. */
  onSeen: () => void;
}

/**
 * Reports once when an element comes near the viewport, or when the page is printed. What is in view stays where it is
 * when an element above it gets its true height.
 */
export function useSight({ box, isWanted, onSeen }: SightOptions): void {
  const seen = useRef(onSeen);
  const before = useRef<{ height: number; isAtEnd: boolean } | null>(null);
  useLayoutEffect(() => {
    seen.current = onSeen;
    const known = before.current;
    const element = box.current;
    if (isWanted || !known || !element) return;
    before.current = null;
    if (!known.isAtEnd) keepPlace(element, known.height);
  });
  useEffect(() => {
    const element = box.current;
    if (!isWanted || !element) return;
    const draw = (): void => {
      before.current = { height: element.offsetHeight, isAtEnd: isAtEnd(element) };
      seen.current();
    };
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) draw();
      },
      { root: scrollerOf(element), rootMargin: `${MARGIN_PX}px 0px` },
    );
    observer.observe(element);
    waiting.add(draw);
    return () => {
      observer.disconnect();
      waiting.delete(draw);
    };
  }, [box, isWanted]);
}

function keepPlace(element: HTMLElement, height: number): void {
  const scroller = scrollerOf(element);
  if (!scroller || element.getBoundingClientRect().top >= scroller.getBoundingClientRect().top) return;
  scroller.scrollTop += element.offsetHeight - height;
}

function isAtEnd(element: HTMLElement): boolean {
  const scroller = scrollerOf(element);
  return scroller !== null && scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop <= AT_END_PX;
}

function scrollerOf(element: HTMLElement): HTMLElement | null {
  return element.closest<HTMLElement>('[data-scroller]');
}
