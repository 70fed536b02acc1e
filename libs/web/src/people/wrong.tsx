import type { ReactElement } from 'react';
import classes from './people.module.css';

/** Says what went wrong, also to screen readers. */
export function Wrong({ text }: { text: string | null }): ReactElement {
  return <div role="alert">{text !== null && <p className={classes.wrong}>{text}</p>}</div>;
}
