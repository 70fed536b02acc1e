// Workload T: how long until the first token is at the client, of the model asked directly, through a bare proxy, and of Reprise.
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, nowUs, quantile } from './measure.mjs';
import { LONG } from './questions.mjs';

const RATE = 40; // messages a second
/** Clients at once, and how often all of them ask. */
const LEVELS = [
  { clients: 1, rounds: 12 },
  { clients: 20, rounds: 4 },
  { clients: 64, rounds: 3 },
];
const PAUSE_MS = 250;

/** What one target was asked at one level. */
class Samples {
  post = [];
  first = [];
  total = [];
  /** How late the load generator was. */
  late = [];

  add({ postUs, firstUs, totalUs }) {
    this.post.push(postUs / 1000);
    this.first.push(firstUs / 1000);
    this.total.push(totalUs / 1000);
  }
}

/** All targets in turns, each round beginning with another one. @returns the figures of each target, by its name. */
export async function firstToken({ targets }, quick) {
  const figures = Object.fromEntries(targets.map(({ name }) => [name, {}]));
  for (const { asker } of targets) {
    await asker.prepare(quick ? 100 : 400);
    for (let round = 0; round < 2; round++) await atOnce(asker, 20, new Samples()); // warms up
  }
  for (const { clients, rounds } of LEVELS) {
    const samples = targets.map(() => new Samples());
    for (let round = 0; round < (quick ? 1 : rounds); round++)
      for (const index of rotated(targets, round)) {
        await atOnce(targets[index].asker, clients, samples[index]);
        await sleep(PAUSE_MS);
      }
    note(figures, targets, { level: String(clients), samples });
  }
  await atRate(targets, figures, quick ? 1 : 5);
  return figures;
}

/** Every target twice, the second time in reverse order. */
async function atRate(targets, figures, seconds) {
  const count = RATE * seconds;
  const samples = targets.map(() => new Samples());
  const cpu = targets.map(() => 0);
  for (const [slice, order] of [targets.keys(), [...targets.keys()].reverse()].entries())
    for (const index of order) {
      const { asker, pids } = targets[index];
      const before = cpuSeconds(pids);
      await steady(asker, { first: slice * count, count, samples: samples[index] });
      cpu[index] += cpuSeconds(pids) - before;
      await sleep(PAUSE_MS);
    }
  for (const [index, { name }] of targets.entries()) {
    figures[name].cpuMsPerRun = (cpu[index] * 1000) / (2 * count);
    figures[name].lateP99 = quantile(samples[index].late, 0.99);
  }
  note(figures, targets, { level: 'Steady', samples });
}

async function atOnce(asker, clients, samples) {
  const asked = Array.from({ length: clients }, (_, n) => asker.ask(n, { content: LONG }));
  for (const one of await Promise.all(asked)) samples.add(one);
}

/** Asks at a rate, whatever becomes of what was asked before, each time in another chat. */
async function steady(asker, { first, count, samples }) {
  const asked = [];
  const from = nowUs();
  for (let n = 0; n < count; n++) {
    const due = from + (n * 1e6) / RATE;
    while (nowUs() < due) await sleep(1);
    samples.late.push((nowUs() - due) / 1000);
    const one = asker.ask(first + n, { content: LONG });
    one.catch(() => undefined); // told by Promise.all below
    asked.push(one);
  }
  for (const one of await Promise.all(asked)) samples.add(one);
}

const rotated = (list, by) => list.map((_, index) => (index + by) % list.length);

/** The quantiles of a level; `over` is what a target adds to the model's own first token. */
function note(figures, targets, { level, samples }) {
  const model = samples[targets.findIndex(({ isModel }) => isModel)];
  for (const [index, { name, isModel }] of targets.entries())
    for (const [label, share] of [
      ['P50', 0.5],
      ['P99', 0.99],
    ]) {
      const of = (kind, { [kind]: values } = samples[index]) => quantile(values, share);
      const key = level + label;
      Object.assign(figures[name], {
        [`post${key}`]: of('post'),
        [`first${key}`]: of('first'),
        [`total${key}`]: of('total'),
        ...(!isModel && { [`over${key}`]: of('first') - of('first', model) }),
      });
    }
}
