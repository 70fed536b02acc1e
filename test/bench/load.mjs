// The load generator, a separate process: receives { workload, quick, server } and returns { figures } or { error }.
import { firstToken } from './first-token.mjs';
import { CompletionAsker, RepriseAsker } from './questions.mjs';
import { wholeRuns } from './whole-runs.mjs';
import { workloads } from './workloads.mjs';

const besideModel = { T: firstToken, R: wholeRuns };

function run({ workload, quick, server }) {
  if (!besideModel[workload]) {
    const pathOf = (stream) => server.path.replace('{stream}', stream);
    return workloads[workload].run({ ...server, pathOf }, quick);
  }
  const targets = server.targets.map((target) => ({
    ...target,
    asker: target.isReprise ? new RepriseAsker(target.url) : new CompletionAsker(target.url),
  }));
  return besideModel[workload]({ targets }, quick);
}

process.once('message', (order) => {
  run(order).then(
    (figures) => process.send({ figures }, () => process.exit()),
    (error) => process.send({ error: String(error?.stack ?? error) }, () => process.exit(1)),
  );
});
process.once('disconnect', () => process.exit());
