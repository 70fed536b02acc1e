import type { ReactElement } from 'react';
import { useRun } from '../data/use-run.js';
import { PhasePage } from '../problems/phase-page.js';
import { CompareView } from './compare-view.js';

/** Two runs side by side. If one is missing something, a page that says so replaces both. */
export function ComparePage({ leftId, rightId }: { leftId: string; rightId: string }): ReactElement {
  const left = useRun(leftId);
  const right = useRun(rightId);
  if (left.state.phase !== 'ready')
    return <PhasePage messageId={leftId} state={left.state} reload={left.reload} />;
  if (right.state.phase !== 'ready')
    return <PhasePage messageId={rightId} state={right.state} reload={right.reload} />;
  return <CompareView left={left.state} right={right.state} />;
}
