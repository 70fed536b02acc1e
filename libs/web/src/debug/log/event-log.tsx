import type { ReactElement, RefObject } from 'react';
import { EventTable } from './event-table.js';
import classes from './event-log.module.css';
import { LogFilters } from './log-filters.js';
import type { Filtering } from './use-filter.js';

/** What {@link EventLog} takes. */
export interface EventLogProps {
  filtering: Filtering;
  silenceMs: number;
  searchBox: RefObject<HTMLInputElement | null>;
}

/** The log as a table, with its filters. */
export function EventLog({ filtering, silenceMs, searchBox }: EventLogProps): ReactElement {
  return (
    <section className={classes.log} aria-label="Log">
      <LogFilters filtering={filtering} searchBox={searchBox} />
      <EventTable shown={filtering.shown} silenceMs={silenceMs} />
    </section>
  );
}
