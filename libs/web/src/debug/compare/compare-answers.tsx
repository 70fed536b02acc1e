import { SegmentedControl } from '@mantine/core';
import { useDeferredValue, useState, type ReactElement } from 'react';
import { useHead, type Replay } from '../data/replay.js';
import { Seen } from '../inspector/seen-panel.js';
import { commonPrefix } from '../model/compare.js';
import { indexAt } from '../model/rows.js';
import classes from './compare-answers.module.css';

interface Pair {
  left: Replay;
  right: Replay;
}

/** Both answers at this moment: as text with the differences marked, or as the user saw them. */
export function CompareAnswers({ left, right }: Pair): ReactElement {
  const [view, setView] = useState('text');
  const [a, b] = [left, right].map(({ stateAt, rows }) => stateAt(rows.length - 1).content) as [
    string,
    string,
  ];
  const shared = commonPrefix(a, b);
  return (
    <section className={classes.answers} aria-label="Answers">
      <div className={classes.head}>
        <h2 className={classes.title}>Answers</h2>
        <span className={classes.words}>{a === b ? 'the same' : `differ from character ${shared + 1}`}</span>
        <SegmentedControl
          size="xs"
          aria-label="View"
          data={[
            { value: 'text', label: 'Text' },
            { value: 'seen', label: 'As seen' },
          ]}
          value={view}
          onChange={setView}
        />
      </div>
      <div className={classes.sides}>
        <Side letter="A" replay={left} shared={a === b ? Infinity : shared} view={view} />
        <Side letter="B" replay={right} shared={a === b ? Infinity : shared} view={view} />
      </div>
    </section>
  );
}

interface SideProps {
  letter: string;
  replay: Replay;
  shared: number;
  view: string;
}

function Side({ letter, replay, shared, view }: SideProps): ReactElement {
  const { offsets, player, stateAt, run } = replay;
  const index = useDeferredValue(useHead(player, ({ offset }) => indexAt(offsets, offset)));
  const state = stateAt(index);
  return (
    <div className={classes.side} role="region" aria-label={`Answer ${letter}`} tabIndex={0}>
      {view === 'seen' ? (
        <div className={classes.seen}>
          <Seen state={state} messageId={run.message.message_id} />
        </div>
      ) : (
        <pre className={classes.text}>
          {state.content.slice(0, shared)}
          {state.content.length > shared && <mark>{state.content.slice(shared)}</mark>}
        </pre>
      )}
    </div>
  );
}
