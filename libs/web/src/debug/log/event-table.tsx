import type { MouseEvent, ReactElement } from 'react';
import { useLazyIndex, useReplay } from '../data/replay.js';
import { placeOf } from '../model/filter.js';
import type { Row } from '../model/rows.js';
import { endsSilence } from '../model/silences.js';
import { EventRow, rowId } from './event-row.js';
import classes from './event-table.module.css';
import { useRowsInSight } from './use-rows-in-sight.js';

const COLUMNS = ['Seq', 'Time', 'Delta', 'Type', 'Summary', 'Size'];

/**
 * The events that match the filter; only those in view are rendered. Selecting a row moves the replay to its moment.
 */
export function EventTable({ shown, silenceMs }: { shown: readonly Row[]; silenceMs: number }): ReactElement {
  const { player, rows } = useReplay();
  const index = useLazyIndex(player);
  const current = placeOf(shown, index);
  const { ref, total, items } = useRowsInSight(shown.length, current);
  const active = items.some(({ place }) => place === current) ? shown[current] : undefined;
  return (
    <div
      ref={ref}
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
      <Head />
      <div className={classes.rows} role="rowgroup" style={{ height: total }}>
        {items.map(({ place, top }) => {
          const row = shown[place];
          if (!row) return null;
          const isSilent = endsSilence(row, silenceMs);
          const when = row.index === index ? 'now' : row.index > index ? 'later' : 'past';
          return <EventRow key={row.index} position={place + 2} {...{ row, top, when, isSilent }} />;
        })}
      </div>
      {shown.length === 0 && (
        <p className={classes.none}>{rows.length === 0 ? 'No events yet.' : 'No matching events.'}</p>
      )}
    </div>
  );
}

function Head(): ReactElement {
  return (
    <div className={classes.head} role="row" aria-rowindex={1}>
      {COLUMNS.map((name) => (
        <span key={name} role="columnheader">
          {name}
        </span>
      ))}
    </div>
  );
}

function rowOf({ target }: MouseEvent): number | null {
  const row = (target as Element).closest<HTMLElement>('[data-row]');
  return row ? Number(row.dataset['row']) : null;
}
