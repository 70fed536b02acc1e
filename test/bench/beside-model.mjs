// Workloads T and R: the whole application with a model server, beside that model alone and a bare proxy of it.
import { firstMessage, newDataFolder, removeFolder, start, stop } from './processes.mjs';
import { asksModel, launch } from './product.mjs';
import { BRIEF, LONG } from './questions.mjs';
import { roundTrips } from './round-trips.mjs';
import { underLoad } from './under-load.mjs';

const here = (port) => `http://127.0.0.1:${port}`;

/** What a workload is measured on besides Reprise, and the question whose round trips are counted. */
const PLANS = {
  T: { bare: ['model', 'proxy'], content: LONG },
  R: { bare: ['proxy'], content: BRIEF },
};

/**
 * Everything runs at once and is asked in turns, so that whatever else the machine does meets all alike.
 * @param {{ name: string, root: string, database?: object }[]} sides the checkouts to measure, by the name of their column
 * @returns the figures of each column: of the bare servers by `names.model` and `names.proxy`.
 */
export async function besideModel(workload, { sides, names, quick }) {
  const { bare, content } = PLANS[workload];
  const closing = [];
  try {
    const model = await startServer('test/bench/model-server.mjs', { closing });
    const targets = [];
    for (const kind of bare)
      targets.push({ name: names[kind], ...(await startBare(kind, { model, closing })) });
    for (const side of sides) targets.push(await startSide(side, { model, closing }));
    const figures = await underLoad(workload, quick, { targets });
    for (const { name, root, database } of sides) {
      const counted = await roundTrips({
        root,
        modelPort: model.port,
        database,
        content,
        messages: quick ? 3 : 10,
      });
      const { first: roundTripsFirst, all: roundTripsAll, commands } = counted;
      Object.assign(figures[name], { roundTripsFirst, roundTripsAll, commands });
    }
    return figures;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function startServer(script, { env, closing }) {
  const server = start(script, { env });
  closing.push(() => stop(server));
  return firstMessage(server);
}

async function startBare(kind, { model, closing }) {
  const isModel = kind === 'model';
  const env = { MODEL: here(model.port) };
  const { port, pids } = isModel ? model : await startServer('test/bench/model-proxy.mjs', { env, closing });
  return { isModel, url: here(port), pids };
}

async function startSide({ name, root, database }, { model, closing }) {
  const folder = newDataFolder();
  closing.push(() => removeFolder(folder));
  const { child, url, pids } = await launch({ root, folder, env: { ...asksModel(model.port), ...database } });
  closing.push(() => stop(child));
  return { name, isReprise: true, url, pids };
}
