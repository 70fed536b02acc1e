import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { useSearchParams } from 'wouter';
import { ReplayProvider, usePlayer, useReplayOf } from './data/replay.js';
import type { LoadedRun } from './data/run-loader.js';
import { useDocumentTitle } from './data/use-document-title.js';
import { usePlayback } from './data/use-playback.js';
import { useShortcuts } from './data/use-shortcuts.js';
import { FiguresStrip } from './header/figures-strip.js';
import { RunHeader } from './header/run-header.js';
import { Inspector } from './inspector/inspector.js';
import { EventLog } from './log/event-log.js';
import { useFilter } from './log/use-filter.js';
import { SILENCE_MS } from './model/silences.js';
import { Notices } from './problems/notices.js';
import classes from './run-page.module.css';
import { Timeline } from './timeline/timeline.js';

/** One run: its figures, its timeline, its log, and its state at any event. */
export function RunPage({ run }: { run: LoadedRun }): ReactElement {
  const [params] = useSearchParams();
  const offsets = useMemo(() => run.rows.map(({ offset }) => offset), [run.rows]);
  const player = usePlayer(offsets, seqIn(params.get('at')));
  const replay = useReplayOf(run, player);
  const filtering = useFilter(replay.rows);
  const [silenceMs, setSilenceMs] = useState(SILENCE_MS);
  const searchBox = useRef<HTMLInputElement>(null);
  usePlayback(player);
  useShortcuts(player, filtering.shown, searchBox);
  useDocumentTitle(`Replay: ${run.message.content}`);
  const opensLive = useRef(!run.hasEnded && !params.has('at'));
  useEffect(() => {
    if (opensLive.current) player.setLive(true);
  }, [player]);
  return (
    <ReplayProvider value={replay}>
      <div className={classes.page}>
        <RunHeader />
        <FiguresStrip />
        <Notices />
        <Timeline silenceMs={silenceMs} onSilenceMs={setSilenceMs} />
        <div className={classes.body}>
          <EventLog filtering={filtering} silenceMs={silenceMs} searchBox={searchBox} />
          <Inspector />
        </div>
      </div>
    </ReplayProvider>
  );
}

/** The event a link points to; null if there is none. */
function seqIn(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
