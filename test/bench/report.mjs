// Figures to rows, rows to Markdown tables.
import { median } from './measure.mjs';
import { ROWS } from './rows.mjs';

/**
 * @param {{ workload: string, server: string, figures: object }[]} runs
 * @returns rows with the median of all runs for every server.
 */
export function toRows(runs, servers) {
  const rows = ROWS.map(([workload, figure, title]) => {
    const values = servers.map((server) => median(valuesOf(runs, { workload, figure, server })));
    return {
      workload,
      figure,
      title,
      values: Object.fromEntries(servers.map((server, n) => [server, values[n]])),
    };
  });
  return rows.filter(({ values }) => Object.values(values).some((value) => value !== undefined));
}

/** The rows as Markdown; in brackets the ratio to the first server. Servers that measured nothing have no column. */
export function toMarkdown(rows, servers) {
  const [base] = servers;
  const shown = servers.filter((server) => rows.some(({ values }) => values[server] !== undefined));
  const lines = rows.map(({ workload, figure, title, values }) => {
    const format = formatOf(workload, figure);
    const cells = shown.map((server) => {
      const value = values[server];
      if (value === undefined) return '–';
      const ratio = server === base || !(values[base] > 0) ? '' : ` (${(value / values[base]).toFixed(2)})`;
      return format(value) + ratio;
    });
    return [title, ...cells];
  });
  return table([['', ...shown], ...lines]);
}

/**
 * Two builds beside each other: the medians, and the median, lowest and highest of the ratios within each repetition, which
 * whatever else the machine did met alike.
 * @param {[ours: string, theirs: string][]} pairs servers
 */
export function toComparison(runs, pairs) {
  const lines = pairs.flatMap(([ours, theirs]) =>
    ROWS.flatMap(([workload, figure, title, format]) => {
      const [mine, other] = [ours, theirs].map((server) => valuesOf(runs, { workload, figure, server }));
      if (median(mine) === undefined || median(other) === undefined) return [];
      const ratios = mine.map((value, rep) => value / other[rep]);
      return [[title, ours, format(median(mine)), format(median(other)), ...spread(ratios)]];
    }),
  );
  return table([['', 'server', 'ours', 'theirs', 'ours/theirs', 'lowest–highest'], ...lines]);
}

/** The median of some ratios, and their range. */
function spread(ratios) {
  const known = ratios.filter(Number.isFinite).sort((a, b) => a - b);
  if (known.length === 0) return ['–', '–'];
  return [median(known).toFixed(2), `${known[0].toFixed(2)}–${known.at(-1).toFixed(2)}`];
}

/** A figure of each repetition, also where it could not be measured: repetitions of two servers belong together. */
const valuesOf = (runs, { workload, figure, server }) =>
  runs.filter((run) => run.workload === workload && run.server === server).map((run) => run.figures[figure]);

const formatOf = (workload, figure) => ROWS.find(([w, f]) => w === workload && f === figure)[3];

function table([head, ...lines]) {
  const rule = head.map((_, n) => (n === 0 ? '---' : '--:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
