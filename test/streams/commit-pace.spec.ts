import { CommitPace } from '../../src/streams/log/commit-pace.js';

/** A pace whose time passes only while it waits. */
class PaceByHand extends CommitPace {
  time = 0;
  waiting = 1;
  readonly waits: number[] = [];

  constructor(private readonly arrivals: number[]) {
    super();
  }

  protected override now(): number {
    return this.time;
  }

  protected override wait(ms: number): Promise<void> {
    this.waits.push(ms);
    this.time += ms;
    this.waiting += this.arrivals.shift() ?? 0;
    return Promise.resolve();
  }
}

const logs = (count: number): string[] => Array.from({ length: count }, (_, n) => `log ${n}`);
const always = [5, 5, 5, 5, 5, 5, 5, 5];

describe('the pace of commits', () => {
  it.each([
    { of: 'few logs', last: logs(7), took: 1, arrivals: always, waits: [] },
    {
      of: 'one busy log',
      last: Array<string>(500).fill('one'),
      took: 1,
      arrivals: always,
      waits: [],
    },
    { of: 'many logs', last: logs(8), took: 1, arrivals: always, waits: [2, 2, 1] },
    {
      of: 'many logs, of several events each',
      last: [...logs(8), ...logs(8)],
      took: 2,
      arrivals: always,
      waits: [2, 2],
    },
    { of: 'many logs that fall silent', last: logs(200), took: 1, arrivals: [], waits: [2] },
    { of: 'many logs that fall silent later', last: logs(200), took: 1, arrivals: [1, 0, 9], waits: [2, 2] },
    { of: 'many logs on a slow database', last: logs(200), took: 6, arrivals: always, waits: [] },
    {
      of: 'many logs, a fraction of a millisecond too early',
      last: logs(8),
      took: 5.5,
      arrivals: always,
      waits: [],
    },
    { of: 'many logs, long ago', last: logs(200), took: 60_000, arrivals: always, waits: [] },
  ])('after a commit of $of it waits $waits ms', async ({ last, took, arrivals, waits }) => {
    const pace = new PaceByHand([...arrivals]);
    pace.begins(last);
    pace.time += took;
    await pace.gather(() => pace.waiting);
    expect(pace.waits).toEqual(waits);
  });

  it('does not wait before the first commit', async () => {
    const pace = new PaceByHand(always);
    await pace.gather(() => pace.waiting);
    expect(pace.waits).toEqual([]);
  });

  it('forgets the crowd with the next commit of a few', async () => {
    const pace = new PaceByHand(always);
    pace.begins(logs(200));
    pace.begins(logs(1));
    await pace.gather(() => pace.waiting);
    expect(pace.waits).toEqual([]);
  });
});
