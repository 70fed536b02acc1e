import { useLayoutEffect, useRef, type RefObject } from 'react';

/**
 * Keeps what is in view where it is when earlier exchanges are inserted above it. `firstId`: the id of the topmost exchange.
 */
export function useKeptPlace(scroller: RefObject<HTMLElement | null>, firstId: string | undefined): void {
  const before = useRef<{ id: string; top: number } | null>(null);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || firstId === undefined) return;
    const known = before.current;
    const moved = known && known.id !== firstId ? turnAt(box, known.id) : null;
    if (known && moved) box.scrollTop += moved.offsetTop - known.top;
    before.current = { id: firstId, top: turnAt(box, firstId)?.offsetTop ?? 0 };
  }, [scroller, firstId]);
}

/** The element of an exchange. */
export function turnAt(box: HTMLElement, id: string): HTMLElement | null {
  return box.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`);
}
