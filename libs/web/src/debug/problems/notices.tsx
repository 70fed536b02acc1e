import { IconAlertTriangle, IconHourglassEmpty } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { plural } from '../../ui/format.js';
import { useReplay } from '../data/replay.js';
import { findGaps } from '../model/silences.js';
import classes from './notices.module.css';

/** What a reader of this run must know first. */
export function Notices(): ReactElement {
  const { run, rows, player, figures } = useReplay();
  const [gap] = findGaps(rows);
  const isWaiting = rows.length === 0;
  return (
    <div className={classes.notices} aria-live="polite">
      {isWaiting && (
        <p className={classes.notice}>
          <IconHourglassEmpty size={16} stroke={1.6} aria-hidden />
          {run.message.status === 'pending'
            ? 'This run is waiting for its turn. Its events appear here as soon as it starts.'
            : 'No events yet. They appear here as they arrive.'}
        </p>
      )}
      {gap && (
        <p className={classes.notice} data-tone="bad">
          <IconAlertTriangle size={16} stroke={1.6} aria-hidden />
          <span>
            This log has a fault: {plural(figures.missing, 'event')} missing.{' '}
            <button
              type="button"
              className={classes.link}
              onClick={() => {
                player.seek(gap.index);
              }}
            >
              Show the first gap
            </button>
          </span>
        </p>
      )}
    </div>
  );
}
