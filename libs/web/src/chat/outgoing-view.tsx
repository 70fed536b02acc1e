import { Button } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { drop, type Outgoing } from './outbox.js';
import { Question } from './question.js';
import classes from './exchange.module.css';

/** What {@link OutgoingView} takes. */
export interface OutgoingViewProps {
  message: Outgoing;
  /** Absent if there is nowhere to send it. */
  onResend?: ((message: Outgoing) => void) | undefined;
  /** Moves the text back into the input box. */
  onEdit: (message: Outgoing) => void;
}

/** A message that is being sent, or failed to arrive. */
export function OutgoingView({ message, onResend, onEdit }: OutgoingViewProps): ReactElement {
  const { key, content, attachments, error } = message;
  return (
    <article className={classes.exchange} aria-label={content.slice(0, 80)}>
      <Question text={content} files={attachments} isFaint={error !== null} />
      {error === null ? (
        <div className={classes.status}>
          <span className={classes.pulse} aria-hidden />
          <span className={classes.statusText}>Sending…</span>
        </div>
      ) : (
        <div className={classes.failure} role="alert">
          <IconAlertCircle size={18} stroke={1.8} aria-hidden />
          <p>Not sent. {error.text}</p>
          {error.retryable && onResend && (
            <Action
              label="Send again"
              onClick={() => {
                onResend(message);
              }}
            />
          )}
          <Action
            label="Edit"
            onClick={() => {
              onEdit(message);
            }}
          />
          <Action
            label="Discard"
            isQuiet
            onClick={() => {
              drop(key);
            }}
          />
        </div>
      )}
    </article>
  );
}

interface ActionProps {
  label: string;
  isQuiet?: boolean;
  onClick: () => void;
}

function Action({ label, isQuiet = false, onClick }: ActionProps): ReactElement {
  const look = isQuiet ? { variant: 'subtle', color: 'gray' } : { variant: 'default' };
  return (
    <Button size="compact-sm" {...look} onClick={onClick}>
      {label}
    </Button>
  );
}
