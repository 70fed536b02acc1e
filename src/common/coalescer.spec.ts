import { Coalescer } from './coalescer.js';

/** A call that the test answers when it wants to. */
function setup(max?: number) {
  const calls: {
    items: readonly number[];
    answer: (results: readonly string[]) => void;
    fail: (error: Error) => void;
  }[] = [];
  let wake: () => void = () => undefined;
  const coalescer = new Coalescer<number, string>(
    (items) =>
      new Promise((answer, fail) => {
        calls.push({ items, answer, fail });
        wake();
      }),
    max,
  );
  const nextCall = async (): Promise<(typeof calls)[number]> => {
    while (calls.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return calls.shift()!;
  };
  return { coalescer, nextCall };
}

describe('equal calls', () => {
  it('go together when they come while one is under way, each with its own result', async () => {
    const { coalescer, nextCall } = setup();
    const first = coalescer.call(1);
    const one = await nextCall();
    expect(one.items).toEqual([1]);
    const rest = [coalescer.call(2), coalescer.call(3)];
    one.answer(['a']);
    expect(await first).toBe('a');
    const two = await nextCall();
    expect(two.items).toEqual([2, 3]);
    two.answer(['b', 'c']);
    expect(await Promise.all(rest)).toEqual(['b', 'c']);
    const again = coalescer.call(4);
    const three = await nextCall();
    expect(three.items).toEqual([4]);
    three.answer(['d']);
    expect(await again).toBe('d');
  });

  it('fail together, and those after them do not', async () => {
    const { coalescer, nextCall } = setup();
    const both = Promise.allSettled([coalescer.call(1), coalescer.call(2)]);
    const one = await nextCall();
    expect(one.items).toEqual([1, 2]);
    const third = coalescer.call(3);
    one.fail(new Error('away'));
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const two = await nextCall();
    two.answer(['c']);
    expect(await third).toBe('c');
  });

  it('wait for one that is in a hurry, if they are not', async () => {
    const { coalescer, nextCall } = setup();
    const both = Promise.all([coalescer.call(1, true), coalescer.call(2)]);
    const one = await nextCall();
    expect(one.items).toEqual([1, 2]);
    one.answer(['a', 'b']);
    expect(await both).toEqual(['a', 'b']);
  });

  it('go alone if nobody is in a hurry, and behind a call that is under way', async () => {
    const { coalescer, nextCall } = setup();
    const first = coalescer.call(1, true);
    const one = await nextCall();
    expect(one.items).toEqual([1]);
    const second = coalescer.call(2, true);
    one.answer(['a']);
    expect(await first).toBe('a');
    const two = await nextCall();
    expect(two.items).toEqual([2]);
    two.answer(['b']);
    expect(await second).toBe('b');
  });

  it('are as many at a time as may be', async () => {
    const { coalescer, nextCall } = setup(2);
    const all = Promise.all([1, 2, 3].map((item) => coalescer.call(item)));
    const one = await nextCall();
    expect(one.items).toEqual([1, 2]);
    one.answer(['a', 'b']);
    const two = await nextCall();
    expect(two.items).toEqual([3]);
    two.answer(['c']);
    expect(await all).toEqual(['a', 'b', 'c']);
  });
});
