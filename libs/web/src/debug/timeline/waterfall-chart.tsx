import { NativeSelect, UnstyledButton } from '@mantine/core';
import { IconArrowsHorizontal, IconChevronDown, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { useId, useState, type ReactElement } from 'react';
import { IconButton } from '../../ui/icon-button.js';
import { useReplay } from '../data/replay.js';
import { zoomAt, type TimeWindow } from '../model/time-window.js';
import classes from './waterfall-chart.module.css';
import { WaterfallPlot } from './waterfall-plot.js';

/** What {@link WaterfallChart} takes. */
export interface WaterfallChartProps {
  window: TimeWindow;
  isZoomed: boolean;
  /** `null`: the whole run again. */
  onWindow: (window: TimeWindow | null) => void;
  silenceMs: number;
  onSilenceMs: (ms: number) => void;
}

const THRESHOLDS = [100, 250, 1000, 5000, 30_000];

/** The waterfall with its tools: zoom, threshold of silences, folding. */
export function WaterfallChart(props: WaterfallChartProps): ReactElement {
  const { window, onWindow, isZoomed, silenceMs } = props;
  const { player } = useReplay();
  const [isOpen, setOpen] = useState(true);
  const body = useId();
  return (
    <div className={classes.chart}>
      <div className={classes.head}>
        <UnstyledButton
          className={classes.title}
          aria-expanded={isOpen}
          aria-controls={body}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          <IconChevronDown size={14} stroke={2} className={classes.chevron} data-open={isOpen} aria-hidden />
          Waterfall
        </UnstyledButton>
        {isOpen && (
          <>
            <span className={classes.hint}>drag to zoom · click to jump</span>
            <Thresholds {...props} />
            <Zoom window={window} isZoomed={isZoomed} onWindow={onWindow} />
          </>
        )}
      </div>
      <div id={body} hidden={!isOpen}>
        {isOpen && (
          <WaterfallPlot
            window={window}
            onWindow={onWindow}
            silenceMs={silenceMs}
            onSeek={player.seek}
            onSeekTime={player.seekTime}
          />
        )}
      </div>
    </div>
  );
}

function Thresholds({ silenceMs, onSilenceMs }: WaterfallChartProps): ReactElement {
  return (
    <label className={classes.threshold}>
      <span>Silences from</span>
      <NativeSelect
        size="xs"
        variant="unstyled"
        data={THRESHOLDS.map((ms) => ({
          value: String(ms),
          label: ms < 1000 ? `${ms} ms` : `${ms / 1000} s`,
        }))}
        value={String(silenceMs)}
        onChange={(event) => {
          onSilenceMs(Number(event.currentTarget.value));
        }}
      />
    </label>
  );
}

type ZoomProps = Pick<WaterfallChartProps, 'window' | 'isZoomed' | 'onWindow'>;

function Zoom({ window, isZoomed, onWindow }: ZoomProps): ReactElement {
  const { player } = useReplay();
  const by = (factor: number) => (): void => {
    const { offset } = player.snapshot();
    const isSeen = offset >= window.from && offset <= window.to;
    onWindow(zoomAt(window, isSeen ? offset : (window.from + window.to) / 2, factor));
  };
  return (
    <div className={classes.zoom} role="group" aria-label="Zoom">
      <IconButton label="Zoom out" size={26} disabled={!isZoomed} onClick={by(2)}>
        <IconZoomOut size={15} stroke={1.7} />
      </IconButton>
      <IconButton label="Zoom in" size={26} onClick={by(0.5)}>
        <IconZoomIn size={15} stroke={1.7} />
      </IconButton>
      <IconButton
        label="Show the whole run"
        size={26}
        disabled={!isZoomed}
        onClick={() => {
          onWindow(null);
        }}
      >
        <IconArrowsHorizontal size={15} stroke={1.7} />
      </IconButton>
    </div>
  );
}
