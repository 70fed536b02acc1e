import {
  useMemo,
  useRef,
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
} from 'react';
import { useIndex, useReplay } from '../data/replay.js';
import type { Player } from '../model/player.js';
import { density, toPercent, toTime, type TimeWindow } from '../model/time-window.js';
import { CursorLine } from './cursor-line.js';
import classes from './scrubber.module.css';

/** What {@link Scrubber} takes. */
export interface ScrubberProps {
  player: Player;
  whole: TimeWindow;
  /** The part that the waterfall shows; null for the whole run. */
  window: TimeWindow | null;
  /** Describes the position of one of the player's events. */
  describe: (index: number) => string;
  /** What is drawn behind the handle. */
  children: ReactNode;
}

/** The whole run in one line; dragging moves through time. */
export function Scrubber({ player, whole, window, describe, children }: ScrubberProps): ReactElement {
  const index = useIndex(player);
  const dragging = useDrag(player, whole);
  return (
    <div
      className={classes.scrubber}
      role="slider"
      tabIndex={0}
      aria-label="Time"
      aria-valuemin={0}
      aria-valuemax={Math.max(player.length - 1, 0)}
      aria-valuenow={Math.max(index, 0)}
      aria-valuetext={describe(index)}
      onKeyDown={(event) => {
        onKey(event, player);
      }}
      {...dragging}
    >
      {children}
      {window && <Brush whole={whole} window={window} />}
      <CursorLine player={player} window={whole} hasHandle />
    </div>
  );
}

/** Pauses while the handle is held, and continues afterwards. */
function useDrag(player: Player, whole: TimeWindow) {
  const resume = useRef(false);
  const seek = ({ currentTarget, clientX }: PointerEvent<HTMLElement>): void => {
    const { left, width } = currentTarget.getBoundingClientRect();
    player.seekTime(toTime(whole, (clientX - left) / width));
  };
  const release = (): void => {
    if (resume.current) player.play();
    resume.current = false;
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>): void => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      resume.current = player.snapshot().isPlaying;
      player.pause();
      seek(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>): void => {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) seek(event);
    },
    onPointerUp: release,
    onPointerCancel: release,
  };
}

function onKey(event: KeyboardEvent, player: Player): void {
  const page = Math.max(1, Math.round(player.length / 10));
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -page,
    PageUp: page,
    Home: -Infinity,
    End: Infinity,
  };
  const by = steps[event.key];
  if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  player.step(by);
}

const BINS = 240;
const HEIGHT = 24;

/** Where much happened, and where tools ran. */
export function Landscape({ whole }: { whole: TimeWindow }): ReactElement {
  const { offsets, waterfall } = useReplay();
  const { from, to } = whole;
  const path = useMemo(() => areaOf(density(offsets, { from, to }, BINS)), [offsets, from, to]);
  const tools = useMemo(() => {
    const d = (failed: boolean): string =>
      waterfall.tools
        .filter(({ status }) => (status === 'error') === failed)
        .map((bar) => {
          const left = toPercent({ from, to }, bar.from) * (BINS / 100);
          const width = Math.max(toPercent({ from, to }, bar.to) * (BINS / 100) - left, 0.4);
          return `M${left.toFixed(2)} ${HEIGHT + 2}h${width.toFixed(2)}v3h${(-width).toFixed(2)}z`;
        })
        .join('');
    return { fine: d(false), failed: d(true) };
  }, [waterfall, from, to]);
  return (
    <svg
      className={classes.landscape}
      viewBox={`0 0 ${BINS} ${HEIGHT + 5}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      <path className={classes.area} d={path} />
      <path className={classes.tools} d={tools.fine} />
      <path className={classes.failed} d={tools.failed} />
    </svg>
  );
}

/** Heights by square root, so that one event among bursts is still visible. */
function areaOf(bins: Uint32Array): string {
  const most = Math.max(1, ...bins);
  const tops = Array.from(bins, (count, x) => {
    const y = (HEIGHT * (1 - Math.sqrt(count / most))).toFixed(1);
    return `L${x} ${y}L${x + 1} ${y}`;
  });
  return `M0 ${HEIGHT}${tops.join('')}L${bins.length} ${HEIGHT}z`;
}

/** The part that the waterfall shows; the rest is shaded. */
function Brush({ whole, window }: { whole: TimeWindow; window: TimeWindow }): ReactElement {
  const left = Math.max(0, toPercent(whole, window.from));
  const right = Math.min(100, toPercent(whole, window.to));
  return (
    <>
      <div className={classes.shade} style={{ left: 0, width: `${left}%` }} />
      <div className={classes.shade} style={{ left: `${right}%`, right: 0 }} />
      <div className={classes.frame} style={{ left: `${left}%`, width: `${right - left}%` }} />
    </>
  );
}
