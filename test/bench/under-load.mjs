// The load generator in a process of its own, against servers that run.
import { firstMessage, start, stop } from './processes.mjs';

/** @returns the figures of a workload. */
export async function underLoad(workload, quick, server) {
  const load = start('test/bench/load.mjs');
  try {
    const answer = firstMessage(load);
    load.send({ workload, quick, server });
    const { figures, error } = await answer;
    if (error) throw new Error(error);
    return figures;
  } finally {
    await stop(load);
  }
}
