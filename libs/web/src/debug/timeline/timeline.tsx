import { useEffect, useState, type ReactElement } from 'react';
import { useReplay } from '../data/replay.js';
import { formatClock } from '../model/format.js';
import type { Row } from '../model/rows.js';
import { summarise } from '../model/summary.js';
import { fitInto, reveal, wholeRun, type TimeWindow } from '../model/time-window.js';
import { Landscape, Scrubber } from './scrubber.js';
import classes from './timeline.module.css';
import { Transport } from './transport.js';
import { WaterfallChart } from './waterfall-chart.js';

/** The run over time: controls, scrubber, waterfall. */
export function Timeline(props: { silenceMs: number; onSilenceMs: (ms: number) => void }): ReactElement {
  const { player, rows, waterfall } = useReplay();
  const [zoom, setZoom] = useState<TimeWindow | null>(null);
  const whole = wholeRun(waterfall.duration);
  const window = zoom ? fitInto(zoom, whole) : whole;
  useEffect(
    () =>
      player.subscribe(() => {
        const { offset } = player.snapshot();
        setZoom((now) => now && reveal(now, offset));
      }),
    [player],
  );
  return (
    <section className={classes.timeline} aria-label="Timeline">
      <div className={classes.controls}>
        <Transport player={player} />
        <Scrubber
          player={player}
          whole={whole}
          window={zoom && window}
          describe={(index) => describe(rows[index])}
        >
          <Landscape whole={whole} />
        </Scrubber>
      </div>
      <WaterfallChart {...props} window={window} onWindow={setZoom} isZoomed={zoom !== null} />
    </section>
  );
}

function describe(row: Row | undefined): string {
  if (!row) return 'no events';
  return `${formatClock(row.offset)}, event ${row.seq}, ${row.event.type}: ${summarise(row.event)}`;
}
