import { UnstyledButton } from '@mantine/core';
import { IconEqual, IconGitFork } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { Replay } from '../data/replay.js';
import { commonPrefix, type Divergence, type Step } from '../model/compare.js';
import { formatClock } from '../model/format.js';
import { TypeBadge } from '../shared/type-badge.js';
import classes from './divergence-card.module.css';

interface DivergenceCardProps {
  parting: Divergence | null;
  left: Replay;
  right: Replay;
}

/** The first thing that one run did and the other did not. */
export function DivergenceCard({ parting, left, right }: DivergenceCardProps): ReactElement {
  if (!parting)
    return (
      <p className={classes.card} data-same>
        <IconEqual size={16} stroke={1.8} aria-hidden /> Both runs did the same, step by step.
      </p>
    );
  const shared = commonPrefix(parting.left?.text ?? '', parting.right?.text ?? '');
  return (
    <section className={classes.card} aria-label="First difference">
      <h2 className={classes.title}>
        <IconGitFork size={16} stroke={1.8} aria-hidden />
        First difference: step {parting.step + 1}
      </h2>
      <div className={classes.sides}>
        <Side letter="A" step={parting.left} replay={left} shared={shared} />
        <Side letter="B" step={parting.right} replay={right} shared={shared} />
      </div>
    </section>
  );
}

/** Text shown before and after the point of divergence, characters. */
const BEFORE = 40;
const AFTER = 160;

interface SideProps {
  letter: string;
  step: Step | null;
  replay: Replay;
  /** The number of leading characters that both texts share. */
  shared: number;
}

function Side({ letter, step, replay, shared }: SideProps): ReactElement {
  if (!step)
    return (
      <div className={classes.side}>
        <b>{letter}</b> has no more steps.
      </div>
    );
  const row = replay.rows[step.from];
  const same = step.text.slice(Math.max(0, shared - BEFORE), shared);
  return (
    <UnstyledButton
      className={classes.side}
      onClick={() => {
        replay.player.seekTime(row?.offset ?? 0);
      }}
    >
      <span className={classes.head}>
        <b>{letter}</b>
        <TypeBadge type={step.type} />
        {row && `event ${row.seq} · ${formatClock(row.offset)}`}
      </span>
      <span className={classes.text}>
        {shared > BEFORE && '…'}
        {same}
        <mark>{step.text.slice(shared, shared + AFTER) || '⌁ ends here'}</mark>
        {step.text.length > shared + AFTER && '…'}
      </span>
    </UnstyledButton>
  );
}
