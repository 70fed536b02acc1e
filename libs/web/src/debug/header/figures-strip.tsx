import type { ReactElement } from 'react';
import { formatCount, plural } from '../../ui/format.js';
import { useReplay } from '../data/replay.js';
import { formatBytes, formatRate, formatSpan } from '../model/format.js';
import classes from './figures-strip.module.css';

interface Figure {
  label: string;
  value: string;
  more?: string | undefined;
  tone?: 'bad' | undefined;
  /** Row to jump to. */
  index?: number | undefined;
}

/** The run in numbers. A number that refers to a place in the log links to it. */
export function FiguresStrip(): ReactElement {
  const { player } = useReplay();
  return (
    <section className={classes.strip} aria-label="Figures" tabIndex={0}>
      {useFigures().map(({ label, value, more, tone, index }) => {
        const inner = (
          <>
            <span className={classes.label}>{label}</span>
            <span className={classes.value}>{value}</span>
            <span className={classes.more}>{more ?? '\u00a0'}</span>
          </>
        );
        if (index === undefined)
          return (
            <div key={label} className={classes.figure} data-tone={tone}>
              {inner}
            </div>
          );
        return (
          <button
            key={label}
            type="button"
            className={classes.figure}
            data-tone={tone}
            onClick={() => {
              player.seek(index);
            }}
          >
            {inner}
          </button>
        );
      })}
    </section>
  );
}

function useFigures(): Figure[] {
  const { rows, figures, run } = useReplay();
  const { usage, longestSilence } = figures;
  const tokens = usage ?? run.message.run?.usage ?? null;
  const first = rows.find(({ event }) => event.type === 'content');
  return [
    {
      label: 'Duration',
      value: formatSpan(figures.duration),
      more: queuedFor(run.message.run, rows[0]?.event.ts),
    },
    {
      label: 'First content',
      value: figures.firstContent === null ? '—' : formatSpan(figures.firstContent),
      more: first && 'after the start',
      index: first?.index,
    },
    {
      label: 'Events',
      value: formatCount(figures.events),
      more: `${formatBytes(figures.bytes)}${figures.rate === null ? '' : ` · ${formatRate(figures.rate)}`}`,
    },
    { label: 'Model time', value: formatSpan(figures.modelTime), more: plural(figures.turns, 'turn') },
    {
      label: 'Tool time',
      value: formatSpan(figures.toolTime),
      more: `${plural(figures.tools, 'call')}${figures.failedTools > 0 ? ` · ${figures.failedTools} failed` : ''}`,
      tone: figures.failedTools > 0 ? 'bad' : undefined,
    },
    {
      label: 'Longest silence',
      value: longestSilence ? formatSpan(longestSilence.to - longestSilence.from) : '—',
      more: longestSilence ? `before event ${rows[longestSilence.index]?.seq ?? ''}` : undefined,
      index: longestSilence?.index,
    },
    {
      label: 'Tokens',
      value: tokens ? formatCount(tokens.total_tokens) : '—',
      more: tokens
        ? `${formatCount(tokens.prompt_tokens)} in · ${formatCount(tokens.completion_tokens)} out`
        : undefined,
    },
    { label: 'Model', value: run.message.run?.model ?? '—', more: run.message.agent },
  ];
}

function queuedFor(run: { queued_at: string } | null, firstEvent: string | undefined): string | undefined {
  if (!run || firstEvent === undefined) return undefined;
  const ms = Date.parse(firstEvent) - Date.parse(run.queued_at);
  return ms >= 0 ? `after ${formatSpan(ms)} of waiting` : undefined;
}
