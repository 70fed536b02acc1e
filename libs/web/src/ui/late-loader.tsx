import { Loader } from '@mantine/core';
import type { ReactElement } from 'react';
import classes from './states.module.css';

/** Says that something is loading, but only if it takes a while: a short wait shows nothing. */
export function LateLoader(): ReactElement {
  return (
    <div className={classes.late}>
      <Loader size="sm" color="gray" aria-label="Loading" />
    </div>
  );
}
