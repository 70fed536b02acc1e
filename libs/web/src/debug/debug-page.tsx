import type { ReactElement } from 'react';
import { useSearchParams } from 'wouter';
import { ComparePage } from './compare/compare-page.js';
import { useRun } from './data/use-run.js';
import { PhasePage } from './problems/phase-page.js';
import { RunPage } from './run-page.js';
import hues from './shared/hues.module.css';

/** The replay debugger of one message's log: `/debug/:messageId`, beside another with `?with=`, at an event with `?at=`. */
export default function DebugPage({ messageId }: { messageId: string }): ReactElement {
  const [search] = useSearchParams();
  const other = search.get('with');
  return (
    <div className={hues.hues} style={{ display: 'contents' }}>
      {other === null ? (
        <SingleRun messageId={messageId} />
      ) : (
        <ComparePage key={other} leftId={messageId} rightId={other} />
      )}
    </div>
  );
}

function SingleRun({ messageId }: { messageId: string }): ReactElement {
  const { state, reload } = useRun(messageId);
  if (state.phase === 'ready') return <RunPage run={state} />;
  return <PhasePage messageId={messageId} state={state} reload={reload} />;
}
