import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useRef, type CSSProperties, type KeyboardEvent, type ReactElement } from 'react';
import { useReplay } from '../data/replay.js';
import { toPercent, type TimeWindow } from '../model/time-window.js';
import { CursorLine } from './cursor-line.js';
import { HoverCard } from './hover-card.js';
import { LaneStack } from './lane-stack.js';
import { useBrush } from './use-brush.js';
import { useHover } from './use-hover.js';
import { useWheelZoom } from './use-wheel-zoom.js';
import classes from './waterfall-plot.module.css';

/** What {@link WaterfallPlot} takes. */
export interface WaterfallPlotProps {
  window: TimeWindow;
  onWindow: (window: TimeWindow | null) => void;
  silenceMs: number;
  /** A click on something that represents an event. */
  onSeek: (index: number) => void;
  /** A click on a time, ms since the first event. */
  onSeekTime: (at: number) => void;
  /** Where this run diverges from another one: a time, ms. */
  partsAt?: number | null;
}

/** Turns, tools and marks over time. */
export function WaterfallPlot(props: WaterfallPlotProps): ReactElement {
  const { window, silenceMs, partsAt = null } = props;
  const { player } = useReplay();
  const { ref: sized, width } = useElementSize();
  const plot = useRef<HTMLDivElement>(null);
  const brush = useBrush(props);
  const hover = useHover(window);
  useWheelZoom(plot, window, props.onWindow);
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
          <LaneStack window={window} pixels={width} silenceMs={silenceMs} />
          {partsAt !== null && (
            <div className={classes.parts} style={{ left: `${toPercent(window, partsAt)}%` }} />
          )}
          {brush.selection && <div className={classes.selection} style={percent(brush.selection)} />}
          {hover.at && <div className={classes.hair} style={{ left: hover.at.x }} />}
          <CursorLine player={player} window={window} />
        </div>
      </div>
      {hover.at && !brush.selection && <HoverCard {...hover.at} width={width} />}
    </div>
  );
}

const percent = ({ left, width }: { left: number; width: number }): CSSProperties => ({
  left: `${left}%`,
  width: `${width}%`,
});

/** ← and → move from bar to bar; only one of them is in the tab order. */
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
