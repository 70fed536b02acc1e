import { Button } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { messageOf } from './error-text.js';
import classes from './states.module.css';

/** Replaces what could not be loaded. */
export function LoadError({ error, onRetry }: { error: unknown; onRetry: () => void }): ReactElement {
  return (
    <div className={classes.state} role="alert">
      <IconCloudOff size={28} stroke={1.5} aria-hidden />
      <p>{messageOf(error)}</p>
      <Button size="xs" variant="default" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
