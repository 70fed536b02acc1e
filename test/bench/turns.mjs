// What one repetition of a workload measures, one thing after the other.
import { conversations, searches, startTimes } from './application.mjs';
import { besideModel } from './beside-model.mjs';
import { firstMessage, newDataFolder, removeFolder, start, stop } from './processes.mjs';
import { onManyProcesses } from './scaled.mjs';
import { underLoad } from './under-load.mjs';
import { workloads } from './workloads.mjs';

const STREAM = '/api/chats/550e8400-e29b-41d4-a716-446655440000/messages/{stream}/stream';
const BARE = { name: 'bare node:http', script: 'test/bench/bare-server.mjs', path: '/{stream}' };
const MODEL = 'the model alone';
const SAME = { name: 'Reprise, same frames', path: `${STREAM}?dialect=bench` };
const REAL = { name: 'Reprise, v1 frames', path: STREAM };

/** Whoever reads the product's own frames reads them in this dialect; default: v1. */
export function readIn(dialect) {
  REAL.name = `Reprise, ${dialect} frames`;
  REAL.path = `${STREAM}?dialect=${encodeURIComponent(dialect)}`;
  REAL.env = { MERGE: '1' }; // text is what every dialect has, once
}

const SCALED = 'Reprise, 2 + 1 processes';
const SERVER = 'test/bench/server.mjs';

/** The workloads of the application itself, which have no bare counterpart. */
const ofApplication = {
  F: (root, quick) => conversations({ root, atOnce: 50, rounds: quick ? 2 : 5 }),
  G: (root, quick) => startTimes({ root, times: quick ? 2 : 5 }),
  Q: (root, quick) => searches({ root, documents: quick ? 100 : 2000, rounds: quick ? 3 : 10 }),
};
/** Files that these need to have open. */
const besideModels = { T: 400, R: 400 };

export const known = [...Object.keys(workloads), ...Object.keys(ofApplication), ...Object.keys(besideModels)];

/** How many files a workload needs to have open. */
export const openFiles = (workload, quick) =>
  workloads[workload]?.openFiles(quick) ?? besideModels[workload] ?? 0;

/** The columns of the report; the first one is the base of the ratios. */
export const columnsOf = (sides) => [
  BARE.name,
  MODEL,
  ...sides.flatMap(({ label }) => [SAME.name, REAL.name, SCALED].map((name) => name + label)),
];

/** Columns of two checkouts that belong together. */
export const pairsOf = ([, theirs]) =>
  theirs ? [SAME.name, REAL.name, SCALED].map((name) => [name, name + theirs.label]) : [];

/**
 * Side by side, so that whatever else the machine does meets all alike; with two checkouts, every other time theirs is first.
 * @param {{ sides: { root: string, label: string, database?: object }[], rep: number, quick: boolean }} how
 * @yields {[column: string, figures: object]}
 */
export async function* turns(workload, { sides, rep, quick }) {
  const inTurn = rep % 2 === 1 ? sides.toReversed() : sides;
  if (besideModels[workload]) yield* besideBoth(workload, inTurn, quick);
  else if (ofApplication[workload]) {
    // It repeats by itself; only two checkouts need to alternate.
    if (rep > 0 && sides.length === 1) return;
    for (const { root, label } of inTurn)
      yield [REAL.name + label, await ofApplication[workload](root, quick)];
  } else yield* ofStreams(workload, inTurn, quick);
}

async function* besideBoth(workload, sides, quick) {
  const named = sides.map((side) => ({ ...side, name: REAL.name + side.label }));
  const names = { model: MODEL, proxy: BARE.name };
  yield* Object.entries(await besideModel(workload, { sides: named, names, quick }));
}

async function* ofStreams(workload, sides, quick) {
  const { onlyReal, scaled } = workloads[workload];
  if (!onlyReal) yield [BARE.name, await measure(workload, BARE, quick)];
  for (const { name, path, env } of onlyReal ? [REAL] : [SAME, REAL])
    for (const { root, label, database } of sides) {
      const server = { script: SERVER, root, path, env: { ...database, ...env } };
      yield [name + label, await measure(workload, server, quick)];
    }
  if (!scaled) return;
  for (const { root, label } of sides)
    yield [SCALED + label, await onManyProcesses(workload, { root, quick, path: REAL.path })];
}

async function measure(workload, { script, root, path, env }, quick) {
  const folder = newDataFolder();
  const server = start(script, { root, env: { DATA_DIR: folder, PORT: '0', ...env } });
  try {
    const { port, pids } = await firstMessage(server);
    return await underLoad(workload, quick, { port, pids, path });
  } finally {
    await stop(server);
    await removeFolder(folder);
  }
}
