import type { ReactElement } from 'react';
import { kindOf, type Kind } from '../model/kinds.js';
import classes from './type-badge.module.css';

/** The type of an event, in the colour of its family. */
export function TypeBadge({ type, kind = kindOf(type) }: { type: string; kind?: Kind }): ReactElement {
  return (
    <span className={classes.badge} data-kind={kind}>
      {type}
    </span>
  );
}
