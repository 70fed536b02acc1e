import type { RunStatus } from '@reprise/client';
import type { ReactElement } from 'react';
import classes from './status-pill.module.css';

/** The status of a run. */
export function StatusPill({ status }: { status: RunStatus }): ReactElement {
  return (
    <span className={classes.pill} data-status={status}>
      {status}
    </span>
  );
}
