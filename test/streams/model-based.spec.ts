import * as timers from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';

// Reprise's own pauses between attempts are points of the schedule, too.
const world: { pause?: () => Promise<void> } = {};
const { jest } = import.meta as unknown as {
  jest: { unstable_mockModule(name: string, factory: () => object): void };
};
jest.unstable_mockModule('node:timers/promises', () => ({
  ...timers,
  setTimeout: () => world.pause?.(),
}));
const { World } = await import('./model-world.js');
type World = InstanceType<typeof World>;

Logger.overrideLogger(false);

// The same schedules each time, so that a change that breaks one is distinguished from a schedule never seen before;
// FULL=1 looks for those.
const FULL = process.env['FULL'] === '1';
const RUNS = Number(process.env['RUNS'] ?? (FULL ? 20_000 : 2000));
const SEED = Number(process.env['SEED'] ?? (FULL ? Date.now() % 2 ** 31 : 7));

type Act = (world: World) => Promise<void> | void;

class Step implements fc.AsyncCommand<object, World> {
  constructor(
    private readonly name: string,
    private readonly act: Act,
  ) {}

  check(): boolean {
    return true;
  }

  async run(_model: object, world: World): Promise<void> {
    await this.act(world);
    world.check();
  }

  toString(): string {
    return this.name;
  }
}

const index = fc.nat({ max: 1000 });
const part = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }));
const few = fc.array(index, { minLength: 1, maxLength: 6 });
const step = <T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  act: (world: World, value: T) => ReturnType<Act>,
) => arbitrary.map((value) => new Step(`${name}(${JSON.stringify(value)})`, (world) => act(world, value)));
const pick = <T>(items: readonly T[], at: number): T | undefined => items[at % Math.max(items.length, 1)];
const writing = (world: World) => world.attempts.filter(({ done, process }) => !done && process.alive);
const reading = (world: World) => world.readers.filter(({ left, process }) => !left && process.alive);
const place = fc.record({ process: fc.nat({ max: 1 }), message: fc.constantFrom(0, 0, 0, 1) });

const proceed = step('proceed', few, async (world, picks) => {
  for (const one of picks) await world.proceed(one);
});
const write = step(
  'write',
  fc.record({
    who: index,
    kinds: fc.array(fc.constantFrom('content' as const, 'status' as const), { maxLength: 4 }),
  }),
  (world, { who, kinds }) => {
    for (const kind of kinds) pick(writing(world), who)?.write(kind);
  },
);
const join = step('join', fc.record({ place, part }), (world, { place: { process, message }, part }) =>
  world.join(world.processes[process]!, world.messages[message]!, part),
);

const steps = [
  ...[proceed, proceed, proceed, proceed, proceed, proceed, write, write, write, join, join],
  step('open', place, (world, { process, message }) =>
    world.open(world.processes[process]!, world.messages[message]!),
  ),
  step(
    'writeMuch',
    fc.record({ who: index, count: fc.integer({ min: 200, max: 1100 }) }),
    (world, { who, count }) => {
      if (count % 4 > 0) return;
      const attempt = pick(writing(world), who);
      for (let i = 0; i < count; i++) attempt?.write('status');
    },
  ),
  step('end', index, (world, who) => pick(writing(world), who)?.write('end')),
  step('close', index, (world, who) => pick(writing(world), who)?.stop()),
  step('fail', fc.record({ at: index, part }), (world, { at, part }) => world.fail(at, 'lost', part)),
  step('fail', fc.record({ at: index, part }), (world, { at, part }) => world.fail(at, 'lost', part)),
  step('failForGood', index, (world, at) => world.fail(at, 'never', 0)),
  step('lose', index, (world, at) => {
    world.lose(at);
  }),
  step('lose', index, (world, at) => {
    world.lose(at);
  }),
  step('repeat', index, (world, at) => {
    world.repeat(at);
  }),
  step('slow', index, (world, who) => {
    const reader = pick(reading(world), who);
    if (reader) reader.eager = false;
  }),
  step('pull', index, (world, who) => pick(reading(world), who)?.pull()),
  step('leave', index, (world, who) => pick(reading(world), who)?.leave()),
  step('crash', fc.nat({ max: 1 }), (world, process) => world.crash(world.processes[process]!)),
  step('delete', fc.record({ place, really: fc.nat({ max: 3 }) }), (world, { place, really }) =>
    really ? undefined : world.delete(world.processes[place.process]!, world.messages[place.message]!),
  ),
];

describe('streams, against a model', () => {
  it(`gives every reader the log, in ${RUNS} schedules (SEED=${SEED})`, async () => {
    const begin = async (): Promise<World> => {
      const fresh = new World();
      world.pause = () => fresh.pause();
      const [message] = fresh.messages;
      await fresh.open(fresh.processes[0]!, message!);
      await fresh.join(fresh.processes[0]!, message!, 0);
      await fresh.join(fresh.processes[1]!, message!, 0);
      await fresh.settle(1);
      return fresh;
    };
    const schedule = fc.asyncProperty(
      fc.commands(steps, { maxCommands: 50, size: 'max' }),
      fc.nat(),
      async (commands, seed) => {
        const real = await begin();
        await fc.asyncModelRun(() => ({ model: {}, real }), commands);
        await real.finish(seed);
      },
    );
    await fc.assert(schedule, { numRuns: RUNS, seed: SEED });
  }, 600_000);
});
