import { useElementSize, useMediaQuery, useMergedRef } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type MouseEvent, type ReactElement } from 'react';
import { useLazyIndex, useReplay } from '../data/replay.js';
import { placeOf } from '../model/filter.js';
import { revealRow } from '../model/reveal-row.js';
import type { Row } from '../model/rows.js';
import { endsSilence } from '../model/silences.js';
import { EventRow, rowId } from './event-row.js';
import classes from './event-table.module.css';

const ROW_PX = 26;
/** Two lines on a phone. */
const TALL_ROW_PX = 46;
/** The head stays in sight, and covers the first row while the table is scrolled. */
const HEAD_PX = 26;
const COLUMNS = ['Seq', 'Time', 'Delta', 'Type', 'Summary', 'Size'];

/** The events that pass the filter: only those in sight are in the page. A row chosen is a journey to its moment. */
export function EventTable({ shown, silenceMs }: { shown: readonly Row[]; silenceMs: number }): ReactElement {
  const { player, rows } = useReplay();
  const index = useLazyIndex(player);
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: sized, height: tall } = useElementSize();
  const isNarrow = useMediaQuery('(max-width: 48em)');
  const height = isNarrow ? TALL_ROW_PX : ROW_PX;
  const head = isNarrow ? 0 : HEAD_PX;

  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: head,
  });
  const place = placeOf(shown, index);
  useEffect(() => {
    virtual.measure();
  }, [virtual, height]);
  const view = tall - head;
  useEffect(() => {
    if (place < 0 || view <= 0 || !scroller.current) return;
    const to = revealRow(place, { offset: virtual.scrollOffset ?? 0, view, row: height });
    if (to !== null) scroller.current.scrollTop = to;
  }, [virtual, place, shown, view, height]);
  const items = virtual.getVirtualItems();
  const active = items.some((item) => item.index === place) ? shown[place] : undefined;
  return (
    <div
      ref={useMergedRef(scroller, sized)}
      id="event-table"
      className={classes.table}
      role="grid"
      aria-label="Events"
      aria-rowcount={shown.length + 1}
      aria-activedescendant={active && rowId(active)}
      tabIndex={0}
      onClick={(event) => {
        const clicked = rowOf(event);
        if (clicked !== null) player.seek(clicked);
      }}
    >
      <div className={classes.head} role="row" aria-rowindex={1}>
        {COLUMNS.map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      <div className={classes.rows} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index: at, start }) => {
          const row = shown[at];
          if (!row) return null;
          const isSilent = endsSilence(row, silenceMs);
          const when = row.index === index ? 'now' : row.index > index ? 'later' : 'past';
          return (
            <EventRow
              key={row.index}
              row={row}
              top={start - head}
              position={at + 2}
              when={when}
              isSilent={isSilent}
            />
          );
        })}
      </div>
      {shown.length === 0 && (
        <p className={classes.none}>{rows.length === 0 ? 'No events yet.' : 'No event fits.'}</p>
      )}
    </div>
  );
}

function rowOf({ target }: MouseEvent): number | null {
  const row = (target as Element).closest<HTMLElement>('[data-row]');
  return row ? Number(row.dataset['row']) : null;
}
