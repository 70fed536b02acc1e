import { memo, type ReactElement } from 'react';
import { plural } from '../../ui/format.js';
import { formatBytes, formatClock, formatSpan } from '../model/format.js';
import { kindOfEvent } from '../model/kinds.js';
import type { Row } from '../model/rows.js';
import { summarise } from '../model/summary.js';
import { TypeBadge } from '../shared/type-badge.js';
import classes from './event-table.module.css';

/** What {@link EventRow} takes. */
export interface EventRowProps {
  row: Row;
  /** Pixels from the top of the table. */
  top: number;
  /** Its position in the table, from 1, including the head. */
  position: number;
  when: 'past' | 'now' | 'later';
  isSilent: boolean;
}

/** Id of a row for `aria-activedescendant`. */
export const rowId = (row: Row): string => `event-${row.index}`;

/** One event of the log. Redraws only when it becomes past or future. */
export const EventRow = memo(function EventRow(props: EventRowProps): ReactElement {
  const { row, top, position, when, isSilent } = props;
  const { event, seq, offset, delta, bytes, missing } = row;
  return (
    <div
      id={rowId(row)}
      className={classes.row}
      role="row"
      aria-rowindex={position}
      aria-selected={when === 'now'}
      data-row={row.index}
      data-when={when}
      data-fault={missing > 0 || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" className={classes.number}>
        {Number.isNaN(seq) ? '?' : seq}
      </span>
      <span role="gridcell" className={classes.time}>
        {formatClock(offset)}
      </span>
      <span role="gridcell" className={classes.delta} data-silent={isSilent || undefined}>
        {row.index === 0 ? '' : `+${formatSpan(delta)}`}
      </span>
      <span role="gridcell" className={classes.type}>
        <TypeBadge type={event.type} kind={kindOfEvent(event)} />
      </span>
      <span role="gridcell" className={classes.summary}>
        {missing > 0 && <b className={classes.fault}>{plural(missing, 'event')} missing before this one</b>}
        {summarise(event)}
      </span>
      <span role="gridcell" className={classes.size}>
        {formatBytes(bytes)}
      </span>
    </div>
  );
});
