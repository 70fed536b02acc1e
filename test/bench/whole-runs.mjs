// Workload R: whole runs a second, and what a request costs that finds a chat beside one that finds nothing.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, nowUs } from './measure.mjs';
import { RepeatedGet } from './repeated-get.mjs';
import { BRIEF } from './questions.mjs';

const CLIENTS = 64;
const CHATS_EACH = 8;
const CONNECTIONS = 32;
const SLICES = 3;
const SLICE_MS = 4000;

/** All targets in turns. @returns the figures of each target, by its name. */
export async function wholeRuns({ targets }, quick) {
  for (const { asker } of targets) await asker.prepare(CLIENTS * (quick ? 2 : CHATS_EACH));
  const sums = targets.map(() => ({ count: 0, seconds: 0, cpu: 0, own: 0 }));
  for (let slice = 0; slice < (quick ? 1 : SLICES); slice++)
    for (const index of inTurn(targets, slice)) await runs(targets[index], sums[index], { slice, quick });
  const figures = Object.fromEntries(targets.map(({ name }, index) => [name, figuresOf(sums[index])]));
  const withChats = targets.filter(({ asker }) => asker.pathOf);
  for (const [name, rates] of await chatsBesideHealth(withChats, quick)) Object.assign(figures[name], rates);
  return figures;
}

const inTurn = (list, turn) => (turn % 2 === 1 ? [...list.keys()].reverse() : [...list.keys()]);

const figuresOf = ({ count, seconds, cpu, own }) => ({
  runsPerSecond: count / seconds,
  cpuMsPerRun: (cpu * 1000) / count,
  serverCpu: cpu / seconds,
  loadCpu: own / seconds,
});

/** Every client asks again as soon as its run has ended, in its next chat: so no chat grows long while this lasts. */
async function runs({ asker, pids }, sum, { slice, quick }) {
  let ended = 0;
  let asking = true;
  const client = async (first) => {
    for (let n = first; asking; n += CLIENTS, ended++) await asker.ask(n, { content: BRIEF });
  };
  const first = slice * CLIENTS;
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(first + n)));
  const during = (ms) => Promise.race([sleep(ms), clients]); // a client that fails ends it
  await during(quick || slice > 0 ? 1000 : 3000); // warms up
  const before = { ended, at: nowUs(), cpu: cpuSeconds(pids), own: process.cpuUsage() };
  await during(quick ? 2000 : SLICE_MS);
  sum.count += ended - before.ended;
  sum.seconds += (nowUs() - before.at) / 1e6;
  sum.cpu += cpuSeconds(pids) - before.cpu;
  const { user, system } = process.cpuUsage(before.own);
  sum.own += (user + system) / 1e6;
  asking = false;
  await clients;
}

/** Requests a second for a chat and for nothing, in turns. @returns `[name, figures]` of each target. */
async function chatsBesideHealth(targets, quick) {
  const [ms, turns] = quick ? [500, 1] : [1500, 3];
  const sums = targets.map(() => ({ chat: 0, health: 0 }));
  for (let turn = -1; turn < turns; turn++)
    // the first turn warms up
    for (const index of inTurn(targets, turn)) {
      const { url, asker } = targets[index];
      for (const [name, path] of Object.entries({ chat: asker.pathOf(1), health: '/health/live' })) {
        const rate = await requests({ url, path }, ms);
        if (turn >= 0) sums[index][name] += rate / turns;
      }
    }
  return targets.map(({ name }, index) => {
    const { chat, health } = sums[index];
    return [name, { chatPerSecond: chat, healthPerSecond: health, chatToHealth: chat / health }];
  });
}

/** Closed loop on connections that are kept: the next request goes out when the answer is complete. */
async function requests(target, ms) {
  const connections = Array.from({ length: CONNECTIONS }, () => new RepeatedGet(target));
  await Promise.all(connections.map(({ socket }) => once(socket, 'connect')));
  const from = nowUs();
  for (const connection of connections) connection.begin();
  await Promise.race([sleep(ms), ...connections.map(({ failed }) => failed)]);
  const answered = connections.reduce((sum, connection) => sum + connection.answered, 0);
  const seconds = (nowUs() - from) / 1e6;
  for (const connection of connections) connection.end();
  return answered / seconds;
}
