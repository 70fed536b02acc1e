import type { FullToolCall } from '@reprise/client';
import type { ReactElement } from 'react';
import { CopyButton } from '../../ui/copy-button.js';
import classes from './full-call.module.css';
import { JsonView } from './json-view.js';

/** A tool's arguments and result in full, not the summaries of the log. */
export function FullCall({ call }: { call: FullToolCall }): ReactElement {
  return (
    <div className={classes.call}>
      <Text label="Arguments" text={call.arguments} />
      {call.result === null ? (
        <p className={classes.none}>No result yet.</p>
      ) : (
        <Text label={call.status === 'error' ? 'Error' : 'Result'} text={call.result} />
      )}
    </div>
  );
}

function Text({ label, text }: { label: string; text: string }): ReactElement {
  const pretty = prettyJson(text);
  return (
    <section aria-label={label} className={classes.text}>
      <div className={classes.head}>
        <h3>{label}</h3>
        <CopyButton label={`Copy ${label.toLowerCase()}`} text={text} />
      </div>
      {pretty === null ? (
        <pre className={classes.plain}>{text === '' ? '—' : text}</pre>
      ) : (
        <JsonView text={pretty} />
      )}
    </section>
  );
}

/** Formatted JSON; null for any other text. */
function prettyJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}
