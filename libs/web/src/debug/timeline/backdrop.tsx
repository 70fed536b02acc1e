import { useMemo, type ReactElement } from 'react';
import { plural } from '../../ui/format.js';
import { useReplay } from '../data/replay.js';
import { formatSpan } from '../model/format.js';
import { findGaps, findSilences } from '../model/silences.js';
import { ticks, toPercent, type TimeWindow } from '../model/time-window.js';
import { placeSpans } from '../model/visible.js';
import classes from './backdrop.module.css';

const TICK_PX = 96;
/** Further to the right there is no space for the label. */
const LABELLED_PERCENT = 97;

/** Times along the upper edge, with their lines. */
export function Ruler({ window, pixels }: { window: TimeWindow; pixels: number }): ReactElement {
  return (
    <div className={classes.ruler} aria-hidden>
      {ticks(window, Math.floor(pixels / TICK_PX)).map((at) => {
        const left = toPercent(window, at);
        return (
          <span key={at} className={classes.tick} style={{ left: `${left}%` }}>
            {left < LABELLED_PERCENT && tickLabel(at)}
          </span>
        );
      })}
    </div>
  );
}

function tickLabel(at: number): string {
  if (at === 0) return '0';
  return at % 1000 === 0
    ? `${at / 1000} s`
    : at < 1000
      ? `${at} ms`
      : `${(at / 1000).toFixed(3).replace(/0+$/, '')} s`;
}

/** Behind the lanes: silences, missing events, seams between attempts. */
export function Backdrop({ window, silenceMs }: { window: TimeWindow; silenceMs: number }): ReactElement {
  const { rows, waterfall } = useReplay();
  const silences = useMemo(() => findSilences(rows, silenceMs), [rows, silenceMs]);
  const gaps = useMemo(() => findGaps(rows), [rows]);
  return (
    <div className={classes.backdrop} aria-hidden>
      {placeSpans(silences, window, { pixels: 800 }).map(({ item, left, width }) => (
        <div key={item.index} className={classes.silence} style={{ left: `${left}%`, width: `${width}%` }}>
          <span>{formatSpan(item.to - item.from)} of silence</span>
        </div>
      ))}
      {waterfall.attempts.slice(1).map(({ from, index }) => (
        <div key={index} className={classes.seam} style={{ left: `${toPercent(window, from)}%` }} />
      ))}
      {gaps.map(({ at, index, missing }) => (
        <div
          key={index}
          className={classes.gap}
          style={{ left: `${toPercent(window, at)}%` }}
          title={`${plural(missing, 'event')} missing`}
        />
      ))}
    </div>
  );
}
