import { memo, type ReactElement } from 'react';
import { useReplay } from '../data/replay.js';
import type { TimeWindow } from '../model/time-window.js';
import { Backdrop, Ruler } from './backdrop.js';
import { AttemptLane, Lane, MarkLane, ToolLanes, TurnLane, WaitLane } from './lanes.js';

/** What {@link LaneStack} takes. */
export interface LaneStackProps {
  window: TimeWindow;
  /** Width of the plot. */
  pixels: number;
  silenceMs: number;
}

/** Everything in the waterfall that does not follow the pointer: redrawn only for another window or a longer log. */
export const LaneStack = memo(function LaneStack({ silenceMs, ...drawn }: LaneStackProps): ReactElement {
  const { attempts, waits, tools } = useReplay().waterfall;
  return (
    <>
      <Backdrop window={drawn.window} silenceMs={silenceMs} />
      <Ruler {...drawn} />
      {attempts.length > 1 && <AttemptLane {...drawn} />}
      <Lane label="Model">
        <TurnLane {...drawn} />
      </Lane>
      {waits.length > 0 && (
        <Lane label="Approval">
          <WaitLane {...drawn} />
        </Lane>
      )}
      {tools.length > 0 && <ToolLanes {...drawn} />}
      <Lane label="Marks" isLow>
        <MarkLane {...drawn} />
      </Lane>
    </>
  );
});
