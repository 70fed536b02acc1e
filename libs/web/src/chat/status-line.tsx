import type { Connection, Message, StreamState } from '@reprise/client';
import { IconBug } from '@tabler/icons-react';
import { useEffect, useState, type ReactElement } from 'react';
import { formatMs } from '../ui/format.js';
import { IconLink } from '../ui/icon-link.js';
import classes from './exchange.module.css';

const TICK_MS = 1000;

/** What {@link StatusLine} takes. */
export interface StatusLineProps {
  state: StreamState;
  connection: Connection;
  question: Message;
}

/** What the agent is doing right now, and for how long. */
export function StatusLine({ state, connection, question }: StatusLineProps): ReactElement {
  const isWaiting = connection.state === 'waiting';
  // The run had started before this page followed it: its events are on their way.
  const hasBegun = question.status !== 'pending';
  const words = hasBegun && state.seq < 0 ? 'Catching up…' : statusOf(state);
  return (
    <div className={classes.status} data-waiting={isWaiting}>
      <span className={classes.pulse} aria-hidden />
      <span className={classes.statusText}>{isWaiting ? 'Connection lost. Reconnecting…' : words}</span>
      {state.startedAt !== null && <Elapsed since={state.startedAt} />}
      <span className={classes.statusLink}>
        <IconLink label="Open in the replay debugger" href={`/debug/${question.message_id}`} size={28}>
          <IconBug size={16} stroke={1.8} />
        </IconLink>
      </span>
    </div>
  );
}

/** In words. */
export function statusOf(state: StreamState): string {
  const running = state.toolCalls.findLast(({ status }) => status === 'running');
  const undecided = state.approvals.some(({ decision }) => decision === null);
  if (state.status === 'pending') return 'Waiting to start…';
  if (undecided) return 'Waiting for your decision';
  const last = state.parts.at(-1);
  if (last?.kind === 'status') return state.statusText;
  if (running) return `Using ${running.name.replaceAll('_', ' ')}…`;
  if (last?.kind === 'text') return 'Writing…';
  return 'Thinking…';
}

/** Whole seconds, shown from the second one on. */
function Elapsed({ since }: { since: number }): ReactElement | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, TICK_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  const seconds = Math.floor((now - since) / 1000);
  return seconds < 2 ? null : <span aria-hidden>{formatMs(seconds * 1000).replace('.0 s', ' s')}</span>;
}
