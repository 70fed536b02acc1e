import { formatBytes, formatRate, formatSpan } from './format.js';
import type { Figures } from './figures.js';

/** One figure of two runs. */
export interface FigureRow {
  readonly label: string;
  /** As text; `—` if a run has none. */
  readonly left: string;
  readonly right: string;
  /** Right compared with left, e.g. `+12 %`; empty if there is nothing to compare. */
  readonly change: string;
  /** Whether right did better; null if neither is better, or both are equal. */
  readonly isBetter: boolean | null;
}

interface Measure {
  label: string;
  of: (figures: Figures) => number | null;
  format: (value: number) => string;
  /** Which is better; omitted if neither is. */
  better?: 'less' | 'more';
}

const count = (value: number): string => value.toLocaleString('en');
const span = ({ longestSilence }: Figures): number | null =>
  longestSilence && longestSilence.to - longestSilence.from;

const MEASURES: readonly Measure[] = [
  { label: 'Duration', of: ({ duration }) => duration, format: formatSpan, better: 'less' },
  { label: 'First content', of: ({ firstContent }) => firstContent, format: formatSpan, better: 'less' },
  { label: 'Model time', of: ({ modelTime }) => modelTime, format: formatSpan, better: 'less' },
  { label: 'Model turns', of: ({ turns }) => turns, format: count },
  { label: 'Tool time', of: ({ toolTime }) => toolTime, format: formatSpan, better: 'less' },
  { label: 'Tool calls', of: ({ tools }) => tools, format: count },
  { label: 'Failed tools', of: ({ failedTools }) => failedTools, format: count, better: 'less' },
  { label: 'Longest silence', of: span, format: formatSpan, better: 'less' },
  { label: 'Tokens', of: ({ usage }) => usage?.total_tokens ?? null, format: count, better: 'less' },
  { label: 'Answer', of: ({ characters }) => characters, format: (value) => `${count(value)} chars` },
  { label: 'Events', of: ({ events }) => events, format: count },
  { label: 'Size', of: ({ bytes }) => bytes, format: formatBytes },
  { label: 'Rate', of: ({ rate }) => rate, format: formatRate },
];

/** The figures of two runs, line by line. */
export function figureRows(left: Figures, right: Figures): FigureRow[] {
  return MEASURES.map(({ label, of, format, better }) => {
    const [a, b] = [of(left), of(right)];
    const isComparable = better !== undefined && a !== null && b !== null && a !== b;
    return {
      label,
      left: a === null ? '—' : format(a),
      right: b === null ? '—' : format(b),
      change: a === null || b === null ? '' : changeOf(a, b),
      isBetter: isComparable ? b < a === (better === 'less') : null,
    };
  });
}

function changeOf(a: number, b: number): string {
  if (a === b) return '=';
  if (a === 0) return '';
  const percent = ((b - a) / a) * 100;
  if (Math.abs(percent) < 0.5) return '≈';
  if (percent >= 1000) return `×${(b / a).toFixed(0)}`;
  return `${percent > 0 ? '+' : '−'}${Math.abs(Math.round(percent))} %`;
}
