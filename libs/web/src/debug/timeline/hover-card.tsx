import type { CSSProperties, ReactElement } from 'react';
import { formatCount } from '../../ui/format.js';
import { useReplay, type Replay } from '../data/replay.js';
import { formatClock, formatSpan } from '../model/format.js';
import { kindOfEvent } from '../model/kinds.js';
import { indexAt } from '../model/rows.js';
import { summarise } from '../model/summary.js';
import { TypeBadge } from '../shared/type-badge.js';
import classes from './hover-card.module.css';
import type { Hover } from './use-hover.js';

const CARD_PX = 300;
const GAP_PX = 14;

/** What is under the pointer, or what had last happened there. */
export function HoverCard({ x, y, time, index, width }: Hover & { width: number }): ReactElement | null {
  const replay = useReplay();
  const place = index ?? indexAt(replay.offsets, time);
  const row = replay.rows[place];
  if (!row) return null;
  const isFar = x + GAP_PX + CARD_PX > width;
  const left = isFar ? Math.max(x - CARD_PX - GAP_PX, 0) : x + GAP_PX;
  return (
    <div
      className={classes.card}
      style={{ '--x': `${left}px`, top: y + GAP_PX } as CSSProperties}
      role="presentation"
    >
      <div className={classes.head}>
        <TypeBadge type={row.event.type} kind={kindOfEvent(row.event)} />
        <span>{formatClock(index === null ? time : row.offset)}</span>
        <span className={classes.seq}>event {formatCount(row.seq)}</span>
      </div>
      <div className={classes.summary}>{summarise(row.event) || '—'}</div>
      {details(replay, index).map(([name, value]) => (
        <div key={name} className={classes.detail}>
          <span>{name}</span>
          <b>{value}</b>
        </div>
      ))}
    </div>
  );
}

function details({ waterfall }: Replay, index: number | null): [string, string][] {
  const tool = waterfall.tools.find((bar) => bar.index === index);
  if (tool)
    return [
      ['In the log', formatSpan(tool.to - tool.from)],
      ...(tool.ms === null ? [] : ([['Measured by the server', formatSpan(tool.ms)]] as [string, string][])),
      ['Result', tool.resultSummary ?? tool.status],
    ];
  const turn = waterfall.turns.find((bar) => bar.index === index);
  if (turn)
    return [
      [`Model turn ${turn.number}`, formatSpan(turn.to - turn.from)],
      [
        'First words after',
        turn.firstOutput === null ? 'none shown' : formatSpan(turn.firstOutput - turn.from),
      ],
      ['Wrote', `${formatCount(turn.characters)} characters`],
    ];
  const wait = waterfall.waits.find((bar) => bar.index === index);
  return wait ? [['Waited', formatSpan(wait.to - wait.from)]] : [];
}
