import type { Approval } from '@reprise/client';
import { useRun } from '@reprise/react';
import { Button, TextInput } from '@mantine/core';
import { IconCheck, IconShieldQuestion, IconX } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { messageOf } from '../ui/error-text.js';
import { formatTime } from '../ui/format.js';
import classes from './approval-card.module.css';

/** What {@link ApprovalCard} takes. */
export interface ApprovalCardProps {
  messageId: string;
  approval: Approval;
  /** The run still waits: a decision changes something. */
  isOpen: boolean;
}

/** A tool call that needs a person's yes. */
export function ApprovalCard({ messageId, approval, isOpen }: ApprovalCardProps): ReactElement {
  return (
    <section
      className={classes.card}
      aria-label={`Approval of ${approval.name}`}
      data-open={isOpen && approval.decision === null}
    >
      <header>
        <IconShieldQuestion size={18} stroke={1.8} aria-hidden />
        <strong>{approval.decision === null && isOpen ? 'Allow this?' : 'Approval'}</strong>
        <code>{approval.name}</code>
      </header>
      <pre tabIndex={0} role="region" aria-label="Arguments">
        {approval.argsSummary}
      </pre>
      {isOpen && approval.decision === null ? (
        <Decide messageId={messageId} approval={approval} />
      ) : (
        <Outcome approval={approval} />
      )}
    </section>
  );
}

function Outcome({ approval: { decision, reason, expiresAt } }: { approval: Approval }): ReactElement {
  if (decision === null)
    return <p className={classes.outcome}>Nobody decided before {formatTime(expiresAt)}.</p>;
  return (
    <p className={classes.outcome} data-decision={decision}>
      {decision === 'approve' ? <IconCheck size={16} aria-hidden /> : <IconX size={16} aria-hidden />}
      {decision === 'approve' ? 'Approved' : 'Rejected'}
      {reason !== null && reason !== '' && <span>: {reason}</span>}
    </p>
  );
}

function Decide({ messageId, approval }: { messageId: string; approval: Approval }): ReactElement {
  const { approve } = useRun(messageId);
  const [reason, setReason] = useState('');
  const [sending, setSending] = useState<'approve' | 'reject' | null>(null);
  const [error, setError] = useState<string | null>(null);
  const decide = async (decision: 'approve' | 'reject'): Promise<void> => {
    setSending(decision);
    setError(null);
    try {
      await approve({
        callId: approval.callId,
        decision,
        ...(reason.trim() !== '' && { reason: reason.trim() }),
      });
    } catch (thrown) {
      setError(messageOf(thrown));
      setSending(null);
    }
  };
  return (
    <>
      <TextInput
        size="xs"
        placeholder="Reason (optional)"
        aria-label="Reason"
        value={reason}
        onChange={(event) => {
          setReason(event.currentTarget.value);
        }}
      />
      <div className={classes.actions}>
        <Button
          size="xs"
          loading={sending === 'approve'}
          disabled={sending === 'reject'}
          onClick={() => void decide('approve')}
        >
          Approve
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={sending === 'reject'}
          disabled={sending === 'approve'}
          onClick={() => void decide('reject')}
        >
          Reject
        </Button>
        <span>until {formatTime(approval.expiresAt)}</span>
      </div>
      {error !== null && (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
    </>
  );
}
