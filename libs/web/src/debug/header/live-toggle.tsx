import { UnstyledButton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHead, useReplay } from '../data/replay.js';
import { formatSpan } from '../model/format.js';
import classes from './live-toggle.module.css';

/** Stays at the newest event of an active run. Renders nothing for one that has ended. */
export function LiveToggle(): ReactElement | null {
  const { run, player } = useReplay();
  const isLive = useHead(player, (head) => head.isLive);
  if (run.hasEnded) return null;
  const { connection } = run;
  const isWaiting = connection?.state === 'waiting';
  return (
    <UnstyledButton
      className={classes.live}
      aria-pressed={isLive}
      data-waiting={isWaiting || undefined}
      title={isWaiting ? connection.error.message : undefined}
      onClick={() => {
        player.setLive(!isLive);
      }}
    >
      {isWaiting ? `Reconnecting in ${formatSpan(connection.ms)}` : 'Live'}
    </UnstyledButton>
  );
}
