import { Button } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { drop, type Outgoing } from './outbox.js';
import { Question } from './question.js';
import classes from './turn.module.css';

/** A message that is on its way, or that did not arrive. */
export function OutgoingView({
  message,
  onResend,
}: {
  message: Outgoing;
  onResend: (message: Outgoing) => void;
}): ReactElement {
  return (
    <article className={classes.turn} aria-label={message.content.slice(0, 80)}>
      <Question text={message.content} isFaint={message.error !== null} />
      {message.error === null ? (
        <div className={classes.status}>
          <span className={classes.pulse} aria-hidden />
          <span className={classes.statusText}>Sending…</span>
        </div>
      ) : (
        <div className={classes.failure} role="alert">
          <IconAlertCircle size={18} stroke={1.8} aria-hidden />
          <p>Not sent. {message.error}</p>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              onResend(message);
            }}
          >
            Send again
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() => {
              drop(message);
            }}
          >
            Discard
          </Button>
        </div>
      )}
    </article>
  );
}
