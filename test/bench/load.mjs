// The load generator, a process of its own: gets { workload, quick, server } and answers { figures } or { error }.
import { workloads } from './workloads.mjs';

process.once('message', ({ workload, quick, server }) => {
  const pathOf = (stream) => server.path.replace('{stream}', stream);
  workloads[workload].run({ ...server, pathOf }, quick).then(
    (figures) => process.send({ figures }, () => process.exit()),
    (error) => process.send({ error: String(error?.stack ?? error) }, () => process.exit(1)),
  );
});
