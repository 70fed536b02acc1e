import type { Approval } from '@reprise/client';
import { useRun, type Decision } from '@reprise/react';
import { Button, TextInput, type ButtonProps } from '@mantine/core';
import { IconCheck, IconShieldQuestion, IconX } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { messageOf } from '../ui/error-text.js';
import { formatTime } from '../ui/format.js';
import classes from './approval-card.module.css';

/** What {@link ApprovalCard} takes. */
export interface ApprovalCardProps {
  messageId: string;
  approval: Approval;
  /** The run is still waiting: a decision has an effect. */
  isOpen: boolean;
}

/** A tool call that needs a person's approval. */
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

/** The form for the decision. The decision comes back with the log, to everybody who is watching. */
function Decide({ messageId, approval }: { messageId: string; approval: Approval }): ReactElement {
  const [reason, setReason] = useState('');
  const { decide, sending, error } = useDecision(messageId, approval.callId);
  const button = (decision: Decision['decision']): Pick<ButtonProps, 'size' | 'loading' | 'disabled'> => ({
    size: 'xs',
    loading: sending === decision,
    disabled: sending !== null && sending !== decision,
  });
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
        <Button {...button('approve')} onClick={() => void decide('approve', reason)}>
          Approve
        </Button>
        <Button {...button('reject')} variant="default" onClick={() => void decide('reject', reason)}>
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

interface Deciding {
  decide: (decision: Decision['decision'], reason: string) => Promise<void>;
  sending: Decision['decision'] | null;
  error: string | null;
}

function useDecision(messageId: string, callId: string): Deciding {
  const { approve } = useRun(messageId);
  const [sending, setSending] = useState<Deciding['sending']>(null);
  const [error, setError] = useState<string | null>(null);
  const decide: Deciding['decide'] = async (decision, reason) => {
    setSending(decision);
    setError(null);
    try {
      await approve({ callId, decision, reason: reason.trim() === '' ? undefined : reason.trim() });
    } catch (thrown) {
      setError(messageOf(thrown));
      setSending(null);
    }
  };
  return { decide, sending, error };
}
