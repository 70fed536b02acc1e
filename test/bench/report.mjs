// Figures to rows, rows to a Markdown table.
import { median } from './measure.mjs';

const perSecond = (value) =>
  value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : `${Math.round(value / 1000)} k`;
const ms = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
const plain = (value) => String(value);
const rounded = (value) => value.toFixed(1);

// [workload, figure, title, format]
const COLUMNS = [
  ['A1', 'perSecond', 'A: deliveries/s to 1 subscriber', perSecond],
  ['A100', 'perSecond', 'A: deliveries/s to 100', perSecond],
  ['A1000', 'perSecond', 'A: deliveries/s to 1,000', perSecond],
  ['A1000', 'wrong', 'A: lost, doubled or reordered', plain],
  ['B', 'p50', 'B: latency p50, ms', ms],
  ['B', 'p99', 'B: latency p99, ms', ms],
  ['B', 'cpuUsPerEvent', 'B: CPU per event, database included, µs', rounded],
  ['B', 'wrong', 'B: lost, doubled or reordered', plain],
  ['C', 'one', 'C: events/s to 1 late client', perSecond],
  ['C', 'many', 'C: events/s to 50 late clients', perSecond],
  ['C', 'commitMs', 'C: one append until it is durable, ms', ms],
  ['D', 'kbPerStream', 'D: memory per idle stream, kB', rounded],
  ['E', 'lost', 'E: lost', plain],
  ['E', 'doubled', 'E: doubled or reordered', plain],
  ['F', 'firstP50', 'F: message to first event p50, ms', ms],
  ['F', 'firstP99', 'F: message to first event p99, ms', ms],
  ['F', 'totalP50', 'F: message to end p50, ms', ms],
  ['F', 'totalP99', 'F: message to end p99, ms', ms],
  ['G', 'readyMs', 'G: start to ready, ms', ms],
  ['Q', 'rareP50', 'Q: search for a rare word p50, ms', ms],
  ['Q', 'questionP50', 'Q: search for a question p50, ms', ms],
  ['Q', 'questionP99', 'Q: search for a question p99, ms', ms],
  ['Q', 'hostileP99', 'Q: search for a hostile query p99, ms', ms],
  ['H', 'kbPerStream', 'H: memory per stream, kB', rounded],
  ['H', 'p50', 'H: latency p50, ms', ms],
  ['H', 'p99', 'H: latency p99, ms', ms],
  ['H', 'wrong', 'H: lost, doubled or reordered', plain],
  ['I', 'aloneP99', 'I: latency p99 without them, ms', ms],
  ['I', 'besideP99', 'I: latency p99 beside them, ms', ms],
  ['I', 'kbPerStalled', 'I: memory per client that never reads, kB', rounded],
  ['I', 'wrong', 'I: lost, doubled or reordered by others', plain],
  ['S', 'p50', 'S: latency p50, ms', ms],
  ['S', 'p99', 'S: latency p99, ms', ms],
  ['S', 'cpuUsPerEvent', 'S: CPU per event, everything included, µs', rounded],
  ['S', 'wrong', 'S: lost, doubled or reordered', plain],
];

/**
 * @param {{ workload: string, server: string, figures: object }[]} runs
 * @returns rows with the median of all runs for every server, and its ratio to the first server.
 */
export function toRows(runs, servers) {
  const rows = COLUMNS.map(([workload, figure, title]) => {
    const values = servers.map((server) =>
      median(
        runs
          .filter((run) => run.workload === workload && run.server === server)
          .map((run) => run.figures[figure]),
      ),
    );
    return {
      workload,
      figure,
      title,
      values: Object.fromEntries(servers.map((server, n) => [server, values[n]])),
    };
  });
  return rows.filter(({ values }) => Object.values(values).some((value) => value !== undefined));
}

/** The rows as Markdown; in brackets the ratio to the first server. */
export function toMarkdown(rows, servers) {
  const [base] = servers;
  const lines = rows.map(({ workload, figure, title, values }) => {
    const [, , , format] = COLUMNS.find(([w, f]) => w === workload && f === figure);
    const cells = servers.map((server) => {
      const value = values[server];
      if (value === undefined) return '–';
      const ratio = server === base || !values[base] ? '' : ` (${(value / values[base]).toFixed(2)})`;
      return format(value) + ratio;
    });
    return [title, ...cells];
  });
  const table = [['', ...servers], ['---', ...servers.map(() => '--:')], ...lines];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
