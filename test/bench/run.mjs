// npm run bench [-- --quick] [--workloads A,B] [--reps 3] [--json FILE] [--mongodb URI] [--against FOLDER] [--dialect NAME]
// What is measured, and what the figures mean: docs/performance.md.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { checkouts } from './checkouts.mjs';
import { cleanUp, openFileLimit } from './processes.mjs';
import { toComparison, toMarkdown, toRows } from './report.mjs';
import { columnsOf, known, openFiles, pairsOf, readIn, turns } from './turns.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    workloads: { type: 'string', default: 'A,B,C,D,E,F,G,H,I,Q,R,S,T' },
    reps: { type: 'string' },
    json: { type: 'string' },
    mongodb: { type: 'string' },
    against: { type: 'string' },
    dialect: { type: 'string' },
  },
});
const { quick } = options;
if (options.dialect !== undefined) readIn(options.dialect);
const reps = Number(options.reps ?? (quick ? 1 : 3));
const chosen = options.workloads
  .split(',')
  .flatMap((name) => (name === 'A' ? ['A1', 'A100', 'A1000'] : [name]));

/** A database for each checkout in the same MongoDB: they may differ in their indexes. */
const databaseOf = (n) =>
  options.mongodb && {
    MONGODB_URI: options.mongodb,
    MONGODB_DATABASE: n === 0 ? 'reprise_bench' : 'reprise_bench_against',
  };

function check() {
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`There is no workload ${unknown}: choose from A,${known.join(',')}.`);
  if (!Number.isInteger(reps) || reps < 1) throw new Error('--reps takes a whole number, 1 or more.');
  const needed = 200 + Math.max(0, ...chosen.map((name) => openFiles(name, quick)));
  const limit = openFileLimit();
  if (limit >= needed) return;
  throw new Error(
    `A process may open ${limit} files here, and these workloads need ${needed}: run "ulimit -n ${needed}" first, or ` +
      'choose others, for example --workloads A1,A100,B,C,E.',
  );
}

const shortened = (_key, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value);

async function measureAll(sides) {
  const runs = [];
  for (const workload of chosen)
    for (let rep = 0; rep < reps; rep++)
      for await (const [server, figures] of turns(workload, { sides, rep, quick })) {
        runs.push({ workload, server, figures });
        console.error(`${workload}, ${server}: ${JSON.stringify(figures, shortened)}`);
      }
  return runs;
}

async function run() {
  check();
  const sides = checkouts(options.against).map((side, n) => ({ ...side, database: databaseOf(n) }));
  const columns = columnsOf(sides);
  const loadBefore = os.loadavg()[0];
  const runs = await measureAll(sides);
  const rows = toRows(runs, columns);
  console.log(toMarkdown(rows, columns));
  if (options.against) console.log(`\n${toComparison(runs, pairsOf(sides))}`);
  const result = {
    at: new Date().toISOString(),
    machine: `${os.cpus().length} × ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()} ${os.release()}`,
    node: process.version,
    loadAverage: { before: loadBefore, after: os.loadavg()[0] },
    quick,
    reps,
    rows,
    runs,
  };
  if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  else console.log(JSON.stringify(result));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
try {
  await run();
} catch (error) {
  console.error(error.message);
  await cleanUp();
  process.exitCode = 1;
}
