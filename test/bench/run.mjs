// npm run bench [-- --quick] [--workloads A,B] [--reps 3] [--json FILE] [--mongodb URI]
// What is measured, and what the figures mean: docs/performance.md.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { conversations, searches, startTimes } from './application.mjs';
import {
  firstMessage,
  newDataFolder,
  openFileLimit,
  removeFolder,
  start,
  stop,
  stopAll,
} from './processes.mjs';
import { toMarkdown, toRows } from './report.mjs';
import { onManyProcesses, underLoad } from './scaled.mjs';
import { workloads } from './workloads.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    workloads: { type: 'string', default: 'A,B,C,D,E,F,G,H,I,Q,S' },
    reps: { type: 'string' },
    json: { type: 'string' },
    mongodb: { type: 'string' },
  },
});
const { quick } = options;
const reps = Number(options.reps ?? (quick ? 1 : 3));
const chosen = options.workloads
  .split(',')
  .flatMap((name) => (name === 'A' ? ['A1', 'A100', 'A1000'] : [name]));
const database = options.mongodb && { MONGODB_URI: options.mongodb, MONGODB_DATABASE: 'reprise_bench' };

const STREAM = '/api/chats/550e8400-e29b-41d4-a716-446655440000/messages/{stream}/stream';
const servers = {
  'bare node:http': { script: 'test/bench/bare-server.mjs', path: '/{stream}' },
  'Reprise, same frames': { script: 'test/bench/server.mjs', path: `${STREAM}?dialect=bench` },
  'Reprise, v1 frames': { script: 'test/bench/server.mjs', path: STREAM },
};
const [, , REAL] = Object.keys(servers);
const SCALED = 'Reprise, 2 + 1 processes';
const columns = [...Object.keys(servers), SCALED];

/** The workloads of the application itself, which have no bare counterpart. */
const ofApplication = {
  F: () => conversations({ atOnce: 50, rounds: quick ? 2 : 5 }),
  G: () => startTimes(quick ? 2 : 5),
  Q: () => searches({ documents: quick ? 100 : 2000, rounds: quick ? 3 : 10 }),
};

function check() {
  const known = [...Object.keys(workloads), ...Object.keys(ofApplication)];
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`There is no workload ${unknown}: choose from A,${known.join(',')}.`);
  const needed = 200 + Math.max(0, ...chosen.map((name) => workloads[name]?.openFiles(quick) ?? 0));
  const limit = openFileLimit();
  if (limit >= needed) return;
  throw new Error(
    `A process may open ${limit} files here, and these workloads need ${needed}: run "ulimit -n ${needed}" first, or ` +
      'choose others, for example --workloads A1,A100,B,C,E.',
  );
}

async function measure(workload, { script, path }) {
  const folder = newDataFolder();
  const server = start(script, { env: { DATA_DIR: folder, PORT: '0', ...database } });
  try {
    const { port, pids } = await firstMessage(server);
    return await underLoad(workload, quick, { port, pids, path });
  } finally {
    await stop(server);
    removeFolder(folder);
  }
}

const shortened = (_key, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value);

async function run() {
  check();
  const runs = [];
  const note = (workload, server, figures) => {
    runs.push({ workload, server, figures });
    console.error(`${workload}, ${server}: ${JSON.stringify(figures, shortened)}`);
  };
  const loadBefore = os.loadavg()[0];
  for (const workload of chosen) {
    for (let rep = 0; rep < reps; rep++) {
      if (ofApplication[workload]) {
        if (rep === 0) note(workload, REAL, await ofApplication[workload]());
        continue;
      }
      // Side by side, so that whatever else the machine does meets all alike.
      const { onlyReal, scaled } = workloads[workload];
      for (const name of onlyReal ? [REAL] : Object.keys(servers))
        note(workload, name, await measure(workload, servers[name]));
      if (scaled) note(workload, SCALED, await onManyProcesses(workload, { quick, path: STREAM }));
    }
  }
  const rows = toRows(runs, columns);
  console.log(toMarkdown(rows, columns));
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

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void stopAll().then(() => process.exit(1)));
try {
  await run();
} catch (error) {
  console.error(error.message);
  await stopAll();
  process.exitCode = 1;
}
