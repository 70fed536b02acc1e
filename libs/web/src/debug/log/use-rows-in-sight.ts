import { useElementSize, useMediaQuery, useMergedRef } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type RefCallback } from 'react';
import { revealRow } from '../model/reveal-row.js';

const ROW_PX = 26;
/** Two lines on a phone. */
const TALL_ROW_PX = 46;
/** The head stays in view, and covers the first row while the table is scrolled. A phone has none. */
const HEAD_PX = 26;

/** The rows that have to be rendered. */
export interface RowsInSight {
  /** For the scrolling element. */
  readonly ref: RefCallback<HTMLDivElement>;
  /** Height of all rows together, px. */
  readonly total: number;
  readonly items: readonly { readonly place: number; readonly top: number }[];
}

/** Which of `count` rows are in view; scrolls so that the row at `place` is one of them whenever it changes. */
export function useRowsInSight(count: number, place: number): RowsInSight {
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: sized, height: inner } = useElementSize<HTMLDivElement>();
  const isNarrow = useMediaQuery('(max-width: 48em)');
  const row = isNarrow ? TALL_ROW_PX : ROW_PX;
  const head = isNarrow ? 0 : HEAD_PX;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => row,
    overscan: 8,
    scrollMargin: head,
  });
  useEffect(() => {
    virtual.measure();
  }, [virtual, row]);
  const view = inner - head;
  useEffect(() => {
    if (place < 0 || view <= 0 || !scroller.current) return;
    const to = revealRow(place, { offset: virtual.scrollOffset ?? 0, view, row });
    if (to !== null) scroller.current.scrollTop = to;
  }, [virtual, place, count, view, row]);
  return {
    ref: useMergedRef(scroller, sized),
    total: virtual.getTotalSize(),
    items: virtual.getVirtualItems().map(({ index, start }) => ({ place: index, top: start - head })),
  };
}
