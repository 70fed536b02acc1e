import type { Approval } from '@reprise/client';
import type { Decision } from '@reprise/react';
import { Button, Textarea, TextInput, type ButtonProps } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { formatTime } from '../ui/format.js';
import { argumentsAsText, readEdited } from './edited-arguments.js';
import { useDecision } from './use-decision.js';
import classes from './approval-card.module.css';

/** What {@link ApprovalForm} takes. */
export interface ApprovalFormProps {
  messageId: string;
  approval: Approval;
}

/** The form for the decision about one call. */
export function ApprovalForm({ messageId, approval }: ApprovalFormProps): ReactElement {
  const { args, callId, argsSummary, expiresAt } = approval;
  const [reason, setReason] = useState('');
  const [text, setText] = useState<string | null>(null);
  const { decide, sending, error } = useDecision(messageId, callId);
  const edited = text === null ? { changed: undefined } : readEdited(text, args);
  const button = (decision: Decision['decision']): Pick<ButtonProps, 'size' | 'loading' | 'disabled'> => ({
    size: 'xs',
    loading: sending === decision,
    disabled: sending !== null && sending !== decision,
  });
  const approve = (): void => {
    if (edited.fault === undefined) void decide({ decision: 'approve', reason, arguments: edited.changed });
  };
  return (
    <>
      {text === null ? (
        <pre tabIndex={0} role="region" aria-label="Arguments">
          {args === undefined ? argsSummary : argumentsAsText(args)}
        </pre>
      ) : (
        <Textarea
          classNames={{ input: classes.editor }}
          aria-label="Arguments"
          autosize
          maxRows={12}
          value={text}
          error={edited.fault}
          spellCheck={false}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
      )}
      <TextInput
        size="xs"
        placeholder="Reason (optional)"
        aria-label="Reason"
        maxLength={2000}
        value={reason}
        onChange={(event) => {
          setReason(event.currentTarget.value);
        }}
      />
      <div className={classes.actions}>
        <Button {...button('approve')} onClick={approve}>
          {edited.changed === undefined ? 'Approve' : 'Approve with changes'}
        </Button>
        <Button
          {...button('reject')}
          variant="default"
          onClick={() => void decide({ decision: 'reject', reason })}
        >
          Reject
        </Button>
        {args !== undefined && (
          <Button
            size="xs"
            variant="subtle"
            disabled={sending !== null}
            onClick={() => {
              setText(text === null ? argumentsAsText(args) : null);
            }}
          >
            {text === null ? 'Edit arguments' : 'Keep as they were'}
          </Button>
        )}
        <span>until {formatTime(expiresAt)}</span>
      </div>
      {error !== null && (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
    </>
  );
}
