import type { StreamState } from '@reprise/client';
import { Button } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Markdown } from './markdown/markdown.js';
import { toSegments } from './segments.js';
import { Steps } from './steps.js';
import classes from './exchange.module.css';

/** A run as its log describes it: steps and text in order. */
export function RunBody({ messageId, state }: { messageId: string; state: StreamState }): ReactElement {
  const segments = toSegments(state);
  // A run that was cut off ends in the middle of something.
  const isGrowing = state.status !== 'completed';
  return (
    <>
      {segments.map((segment, index) =>
        segment.kind === 'text' ? (
          <div key={index} className={classes.text} data-text>
            <Markdown text={segment.md} isGrowing={isGrowing && index === segments.length - 1} />
          </div>
        ) : (
          <Steps key={index} messageId={messageId} steps={segment.steps} state={state} />
        ),
      )}
    </>
  );
}

/** What {@link Failure} takes. */
export interface FailureProps {
  text: string;
  onRetry: () => void;
}

/** Why there is no answer, or only part of one. */
export function Failure({ text, onRetry }: FailureProps): ReactElement {
  return (
    <div className={classes.failure} role="alert">
      <IconAlertCircle size={18} stroke={1.8} aria-hidden />
      <p>{text}</p>
      <Button size="compact-sm" variant="default" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
