import { IconArrowLeft, IconArrowsExchange } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { formatTime } from '../../ui/format.js';
import type { Replay } from '../data/replay.js';
import { NavButton } from '../shared/nav-button.js';
import { StatusPill } from '../shared/status-pill.js';
import classes from './compare-header.module.css';

interface Pair {
  left: Replay;
  right: Replay;
}

/** Which two runs these are. */
export function CompareHeader({ left, right }: Pair): ReactElement {
  const [a, b] = [left.run.message, right.run.message];
  const relation = relationOf(a, b);
  return (
    <header className={classes.header}>
      <NavButton label="Back to run A" href={`/debug/${a.message_id}`}>
        <IconArrowLeft size={18} stroke={1.7} />
      </NavButton>
      <h1 className={classes.title}>Compare</h1>
      {relation !== null && <span className={classes.relation}>{relation}</span>}
      <NavButton
        label="Swap A and B"

        href={`/debug/${b.message_id}?with=${a.message_id}`}
        className={classes.swap}
      >
        <IconArrowsExchange size={17} stroke={1.7} />
      </NavButton>
      <div className={classes.runs}>
        <RunName letter="A" replay={left} />
        <RunName letter="B" replay={right} />
      </div>
    </header>
  );
}

function RunName({ letter, replay }: { letter: 'A' | 'B'; replay: Replay }): ReactElement {
  const { message } = replay.run;
  return (
    <Link href={`/debug/${message.message_id}`} className={classes.run ?? ''}>
      <span className={classes.letter} data-letter={letter}>
        {letter}
      </span>
      <span className={classes.question}>{message.content}</span>
      <span className={classes.facts}>
        <StatusPill status={replay.figures.status ?? message.status} />
        <span>{formatTime(message.created_at)}</span>
      </span>
    </Link>
  );
}

interface Named {
  message_id: string;
  metadata: Record<string, unknown>;
}

function relationOf(a: Named, b: Named): string | null {
  if (a.message_id === b.message_id) return 'the same run twice';
  if (a.metadata['retry_of'] === b.message_id) return 'A is a retry of B';
  if (b.metadata['retry_of'] === a.message_id) return 'B is a retry of A';
  return null;
}
