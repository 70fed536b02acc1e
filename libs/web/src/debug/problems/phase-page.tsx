import { Button, Loader } from '@mantine/core';
import {
  IconAlertTriangle,
  IconHourglassEmpty,
  IconMessageCircle,
  IconPlugConnectedX,
  IconSearch,
} from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import { Link } from 'wouter';
import { formatTime } from '../../ui/format.js';
import type { RunState } from '../data/run-loader.js';
import { formatSpan } from '../model/format.js';
import classes from './phase-page.module.css';

type Phase = Exclude<RunState, { phase: 'ready' }>;

/** Replaces a run that cannot be shown, or not yet. */
export function PhasePage(props: { messageId: string; state: Phase; reload: () => void }): ReactElement {
  const { messageId, state, reload } = props;
  switch (state.phase) {
    case 'loading':
      return (
        <div className={classes.page} role="status" aria-label="Loading the run">
          <Loader size="sm" color="gray" />
        </div>
      );
    case 'answer':
      return <AnswerPage questionId={state.questionId} />;
    case 'expired':
      return <ExpiredPage message={state.message} />;
    case 'failed':
      return <FailedPage messageId={messageId} error={state.error} reload={reload} />;
  }
}

interface PlateProps {
  icon: ReactNode;
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}

function Plate({ icon, title, children, actions }: PlateProps): ReactElement {
  return (
    <section className={classes.page} aria-labelledby="phase-title">
      <div className={classes.icon} aria-hidden>
        {icon}
      </div>
      <h1 id="phase-title" className={classes.title}>
        {title}
      </h1>
      <div className={classes.text}>{children}</div>
      <div className={classes.actions}>{actions}</div>
    </section>
  );
}

function AnswerPage({ questionId }: { questionId: string | null }): ReactElement {
  return (
    <Plate
      icon={<IconMessageCircle size={28} stroke={1.5} />}
      title="This message is an answer"
      actions={
        questionId !== null && (
          <Button component={Link} href={`/debug/${questionId}`}>
            Open the run of its question
          </Button>
        )
      }
    >
      A run, and its log, belong to the question that started it.
    </Plate>
  );
}

function ExpiredPage({
  message,
}: {
  message: Extract<Phase, { phase: 'expired' }>['message'];
}): ReactElement {
  const { run } = message;
  return (
    <Plate
      icon={<IconHourglassEmpty size={28} stroke={1.5} />}
      title="The events of this run have expired"
      actions={
        <Button
          component={Link}
          href={`/chats/${message.chat_id}?message=${message.message_id}`}
          variant="default"
        >
          Open the chat
        </Button>
      }
    >
      <p>
        The server deleted this log at the end of its retention period. The question, its answer and these
        figures are still there.
      </p>
      <dl className={classes.facts}>
        <dt>Question</dt>
        <dd>{message.content}</dd>
        <dt>Asked</dt>
        <dd>{formatTime(message.created_at)}</dd>
        <dt>Ended</dt>
        <dd>
          {message.status}
          {message.processing_time_ms === null ? '' : ` after ${formatSpan(message.processing_time_ms)}`}
        </dd>
        <dt>Model</dt>
        <dd>{run?.model ?? '—'}</dd>
        <dt>Tokens</dt>
        <dd>{run?.usage?.total_tokens ?? '—'}</dd>
      </dl>
    </Plate>
  );
}

type Failed = Extract<Phase, { phase: 'failed' }>;

function FailedPage(props: { messageId: string; error: Failed['error']; reload: () => void }): ReactElement {
  const { messageId, error, reload } = props;
  const isUnknown = error.status === 404 || error.code === 'invalid_message_id';
  const isLineDown = error.status === 0;
  const title = isUnknown
    ? 'This run does not exist'
    : isLineDown
      ? 'The server cannot be reached'
      : 'The run could not be loaded';
  const Icon = isUnknown ? IconSearch : isLineDown ? IconPlugConnectedX : IconAlertTriangle;
  const home = (
    <Button component={Link} href="/" variant="default">
      All chats
    </Button>
  );
  const again = <Button onClick={reload}>Try again</Button>;
  return (
    <Plate icon={<Icon size={28} stroke={1.5} />} title={title} actions={isUnknown ? home : again}>
      <p>
        {isUnknown
          ? `No message has the id “${messageId}”. It may have been deleted with its chat.`
          : error.message}
      </p>
      <p className={classes.code}>
        {error.status > 0 && `HTTP ${error.status} · `}
        {error.code}
        {error.requestId !== null && ` · request ${error.requestId}`}
      </p>
    </Plate>
  );
}
