import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useRef, type KeyboardEvent, type ReactElement } from 'react';
import { useReplay } from '../data/replay.js';
import { toPercent, type TimeWindow } from '../model/time-window.js';
import { Backdrop, Ruler } from './backdrop.js';
import { CursorLine } from './cursor-line.js';
import { HoverCard } from './hover-card.js';
import { AttemptLane, Lane, MarkLane, ToolLanes, TurnLane, WaitLane } from './lanes.js';
import { useBrush } from './use-brush.js';
import { useHover } from './use-hover.js';
import { useWheelZoom } from './use-wheel-zoom.js';
import classes from './waterfall-plot.module.css';

/** What {@link WaterfallPlot} takes. */
export interface WaterfallPlotProps {
  window: TimeWindow;
  onWindow: (window: TimeWindow | null) => void;
  silenceMs: number;
  /** A click on something that stands for an event. */
  onSeek: (index: number) => void;
  /** A click on a time, ms since the first event. */
  onSeekTime: (at: number) => void;
  /** Where this run and another part: a time, ms. */
  partsAt?: number | null;
}

/** Turns, tools and marks over time. */
export function WaterfallPlot(props: WaterfallPlotProps): ReactElement {
  const { window, silenceMs, partsAt = null } = props;
  const { waterfall, player } = useReplay();
  const { ref: sized, width } = useElementSize();
  const plot = useRef<HTMLDivElement>(null);
  const brush = useBrush(props);
  const hover = useHover(window);
  useWheelZoom(plot, window, props.onWindow);
  const drawn = { window, pixels: width };
  return (
    <div className={classes.outer}>
      <div className={classes.frame}>
        <div
          ref={useMergedRef(sized, plot)}
          className={classes.plot}
          role="group"
          aria-label="Waterfall: model turns and tools over time"
          data-owns-arrows
          onKeyDown={moveFocus}
          {...brush.handlers}
          onPointerMove={(event) => {
            brush.handlers.onPointerMove(event);
            hover.onPointerMove(event);
          }}
          onPointerLeave={hover.onPointerLeave}
        >
          <Backdrop window={window} silenceMs={silenceMs} />
          <Ruler window={window} pixels={width} />
          {waterfall.attempts.length > 1 && <AttemptLane {...drawn} />}
          <Lane label="Model">
            <TurnLane {...drawn} />
          </Lane>
          {waterfall.waits.length > 0 && (
            <Lane label="Approval">
              <WaitLane {...drawn} />
            </Lane>
          )}
          {waterfall.tools.length > 0 && <ToolLanes {...drawn} />}
          {waterfall.marks.length > 0 && (
            <Lane label="Marks" isLow>
              <MarkLane {...drawn} />
            </Lane>
          )}
          {partsAt !== null && (
            <div
              className={classes.parts}
              style={{ left: `${toPercent(window, partsAt)}%` }}
              title="First difference"
            />
          )}
          {brush.selection && (
            <div
              className={classes.selection}
              style={{ left: `${brush.selection.left}%`, width: `${brush.selection.width}%` }}
            />
          )}
          {hover.at && <div className={classes.hair} style={{ left: hover.at.x }} />}
          <CursorLine player={player} window={window} />
        </div>
      </div>
      {hover.at && !brush.selection && <HoverCard {...hover.at} width={width} />}
    </div>
  );
}

/** ← and → go from bar to bar; only one of them is a stop of the Tab key. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const bars = [...event.currentTarget.querySelectorAll<HTMLElement>('button[data-index]')];
  const at = bars.indexOf(document.activeElement as HTMLElement);
  const next = bars[at + by];
  if (at < 0 || !next) return;
  event.preventDefault();
  bars[at]?.setAttribute('tabindex', '-1');
  next.setAttribute('tabindex', '0');
  next.focus();
}
