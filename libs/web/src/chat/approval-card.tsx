import type { Approval } from '@reprise/client';
import { IconCheck, IconShieldQuestion, IconX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { formatTime } from '../ui/format.js';
import { ApprovalForm } from './approval-form.js';
import { argumentsAsText } from './edited-arguments.js';
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
  const isWaiting = isOpen && approval.decision === null;
  return (
    <section className={classes.card} aria-label={`Approval of ${approval.name}`} data-open={isWaiting}>
      <header>
        <IconShieldQuestion size={18} stroke={1.8} aria-hidden />
        <strong>{isWaiting ? 'Allow this?' : 'Approval'}</strong>
        <code>{approval.name}</code>
      </header>
      {isWaiting ? (
        <ApprovalForm messageId={messageId} approval={approval} />
      ) : (
        <>
          <pre tabIndex={0} role="region" aria-label="Arguments">
            {approval.args === undefined ? approval.argsSummary : argumentsAsText(approval.args)}
          </pre>
          <Outcome approval={approval} />
        </>
      )}
    </section>
  );
}

function Outcome({ approval }: { approval: Approval }): ReactElement {
  const { decision, reason, expired, expiresAt } = approval;
  if (decision === null || expired === true)
    return <p className={classes.outcome}>Nobody decided before {formatTime(expiresAt)}.</p>;
  return (
    <p className={classes.outcome} data-decision={decision}>
      {decision === 'approve' ? <IconCheck size={16} aria-hidden /> : <IconX size={16} aria-hidden />}
      {decision === 'approve' ? 'Approved' : 'Rejected'}
      {reason !== null && reason !== '' && <span>: {reason}</span>}
    </p>
  );
}
