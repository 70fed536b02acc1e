import type { ReactElement } from 'react';
import { CopyButton } from '../ui/copy-button.js';
import classes from './people.module.css';

/** What is shown only once. */
export function Secret({ label, text }: { label: string; text: string }): ReactElement {
  return (
    <div className={classes.secret} role="status" aria-label={label}>
      <code>{text}</code>
      <CopyButton text={text} label="Copy" />
    </div>
  );
}

/** A link as a person can follow it. */
export const addressOf = ({ path }: { path: string }): string => location.origin + path;
