// The rows of the report.

const perSecond = (value) =>
  value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : `${Math.round(value / 1000)} k`;
const ms = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
const plain = (value) => String(value);
const whole = (value) => value.toFixed(0);
const rounded = (value) => value.toFixed(1);

const LEVELS = { 1: '1 at once', 20: '20 at once', 64: '64 at once', Steady: '40 a second' };
const KINDS = {
  post: 'message until it is accepted',
  first: 'message to first token',
  over: 'the same minus the model’s own',
  total: 'message to end',
};

const firstTokenRows = Object.entries(LEVELS).flatMap(([level, when]) =>
  Object.entries(KINDS).flatMap(([kind, what]) =>
    ['P50', 'P99'].map((share) => [
      'T',
      `${kind}${level}${share}`,
      `T, ${when}: ${what} ${share.toLowerCase()}, ms`,
      ms,
    ]),
  ),
);

/** What the report shows: `[workload, figure, title, format]`. */
export const ROWS = [
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
  ...firstTokenRows,
  ['T', 'cpuMsPerRun', 'T, 40 a second: CPU per run, database included, ms', ms],
  ['T', 'roundTripsFirst', 'T: database round trips before the first token', plain],
  ['T', 'roundTripsAll', 'T: database round trips per message of 50 tokens', plain],
  ['R', 'runsPerSecond', 'R: whole runs/s', whole],
  ['R', 'cpuMsPerRun', 'R: CPU per run, database included, ms', ms],
  ['R', 'roundTripsAll', 'R: database round trips per message of 5 tokens', plain],
  ['R', 'chatPerSecond', 'R: requests/s for a chat', whole],
  ['R', 'healthPerSecond', 'R: requests/s for /health/live', whole],
  ['R', 'chatToHealth', 'R: requests for a chat to those for /health/live', ms],
];
