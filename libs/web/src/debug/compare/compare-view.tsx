import { useMemo, useState, type ReactElement } from 'react';
import { ReplayProvider, usePlayer, useReplay, useReplayOf, type Replay } from '../data/replay.js';
import type { LoadedRun } from '../data/run-loader.js';
import { useDocumentTitle } from '../data/use-document-title.js';
import { usePlayback } from '../data/use-playback.js';
import { useShortcuts } from '../data/use-shortcuts.js';
import { firstDivergence, toSteps } from '../model/compare.js';
import { formatClock } from '../model/format.js';
import type { Row } from '../model/rows.js';
import { SILENCE_MS } from '../model/silences.js';
import { fitInto, wholeRun, type TimeWindow } from '../model/time-window.js';
import { Landscape, Scrubber } from '../timeline/scrubber.js';
import { Transport } from '../timeline/transport.js';
import { WaterfallPlot } from '../timeline/waterfall-plot.js';
import { CompareAnswers } from './compare-answers.js';
import { CompareFigures } from './compare-figures.js';
import { CompareHeader } from './compare-header.js';
import classes from './compare-view.module.css';
import { DivergenceCard } from './divergence-card.js';

/** Two runs on one time scale, played together. */
export function CompareView(runs: { left: LoadedRun; right: LoadedRun }): ReactElement {
  const offsets = useMemo(() => merged(runs.left.rows, runs.right.rows), [runs.left.rows, runs.right.rows]);
  const player = usePlayer(offsets, null);
  const left = useReplayOf(runs.left, player);
  const right = useReplayOf(runs.right, player);
  const parting = useMemo(
    () => firstDivergence(toSteps(left.rows), toSteps(right.rows)),
    [left.rows, right.rows],
  );
  usePlayback(player);
  useShortcuts(player, [], { current: null });
  useDocumentTitle(`Compare: ${runs.left.message.content}`);
  return (
    <div className={classes.page}>
      <CompareHeader left={left} right={right} />
      <CompareFigures left={left} right={right} />
      <TimeLines
        left={left}
        right={right}
        parts={[parting?.left?.from ?? null, parting?.right?.from ?? null]}
      />
      <DivergenceCard parting={parting} left={left} right={right} />
      <CompareAnswers left={left} right={right} />
    </div>
  );
}

interface TimeLinesProps {
  left: Replay;
  right: Replay;
  /** Rows at which the two diverge. */
  parts: readonly [number | null, number | null];
}

function TimeLines({ left, right, parts }: TimeLinesProps): ReactElement {
  const { player } = left;
  const [zoom, setZoom] = useState<TimeWindow | null>(null);
  const whole = wholeRun(Math.max(left.waterfall.duration, right.waterfall.duration));
  const window = zoom ? fitInto(zoom, whole) : whole;
  const sides = [left, right] as const;
  return (
    <section className={classes.timeline} aria-label="Timelines">
      <div className={classes.controls}>
        <Transport player={player} />
        <Scrubber
          player={player}
          whole={whole}
          window={zoom && window}
          describe={() => formatClock(player.snapshot().offset)}
        >
          {sides.map((side, index) => (
            <div key={index} className={classes.half} data-side={index}>
              <ReplayProvider value={side}>
                <Landscape whole={whole} />
              </ReplayProvider>
            </div>
          ))}
        </Scrubber>
      </div>
      <div className={classes.lanes}>
        {sides.map((side, index) => (
          <ReplayProvider key={index} value={side}>
            <SideLane index={index} window={window} onWindow={setZoom} parts={parts[index] ?? null} />
          </ReplayProvider>
        ))}
      </div>
    </section>
  );
}

interface SideLaneProps {
  index: number;
  window: TimeWindow;
  onWindow: (window: TimeWindow | null) => void;
  /** The row at which this run diverges from the other. */
  parts: number | null;
}

/** The waterfall of one of the two. */
function SideLane({ index, window, onWindow, parts }: SideLaneProps): ReactElement {
  const { player, offsets } = useReplay();
  return (
    <div className={classes.lane}>
      <span className={classes.letter} data-side={index}>
        {index === 0 ? 'A' : 'B'}
      </span>
      <WaterfallPlot
        window={window}
        onWindow={onWindow}
        silenceMs={SILENCE_MS}
        partsAt={parts === null ? null : (offsets[parts] ?? null)}
        onSeekTime={player.seekTime}
        onSeek={(at) => {
          player.seekTime(offsets[at] ?? 0);
        }}
      />
    </div>
  );
}

/** The times at which something happened in either run. */
function merged(left: readonly Row[], right: readonly Row[]): number[] {
  const times = new Set([...left, ...right].map(({ offset }) => offset));
  return [...times].sort((a, b) => a - b);
}
