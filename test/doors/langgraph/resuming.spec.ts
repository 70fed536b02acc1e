import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../../conformance/setup.js';
import { Deeds, teachTools } from '../../support/approvals.js';
import { CuttingProxy } from '../../support/cutting-proxy.js';
import { until } from '../../support/until.js';
import { clientOf, Collected, human, shownBy, words, type Part } from './setup.js';

const MODES = ['values', 'messages-tuple', 'updates', 'custom'] as const;

/** What a person sees in the end; ids are kept, since a page draws by them. */
const essence = (messages: readonly any[]): unknown[] =>
  messages.map(({ id, type, content, tool_calls, additional_kwargs }) => [
    id,
    type,
    content,
    (tool_calls ?? []).map((call: any) => [call.id, call.name, call.args]),
    additional_kwargs.reasoning_content,
  ]);

describe("LangGraph's own client over a bad line", () => {
  let stage: Stage;
  let direct: ReturnType<typeof clientOf>;
  let thread: string;
  let run: string;
  let whole: unknown[];
  let ids: string[];
  beforeAll(async () => {
    stage = await setStage();
    direct = clientOf(stage.app.url);
    ({ thread_id: thread } = await direct.threads.create());
    const begun = await direct.runs.create(thread, 'assistant', { input: human('recorded') });
    run = begun.run_id;
    await playRichRun(stage.model, 'recorded');
    const parts = await join('-1');
    whole = essence(shownBy(parts));
    ids = (await stage.client.replay(run)).map(({ id }) => id);
  });
  afterAll(() => stage.close());

  const join = (lastEventId?: string): Promise<Part[]> =>
    new Collected(
      direct.runs.joinStream(thread, run, {
        streamMode: [...MODES],
        ...(lastEventId !== undefined && { lastEventId }),
      }),
    ).all();

  it('rejoins from the beginning with -1, and with nothing', async () => {
    expect(whole).toHaveLength(6);
    expect(JSON.stringify(whole)).toContain(JSON.stringify(RICH_ANSWER).slice(1, -1));
    expect(essence(shownBy(await join()))).toEqual(whole);
  });

  it('resumes after every event: words, tools and state are there once', async () => {
    const all = await join('-1');
    for (const [index, id] of ids.entries()) {
      const seen = new Set(ids.slice(0, index + 1));
      // Frames without an id of their own have the id of the one before them: what came until the event was complete.
      const last = all.findLastIndex((part) => part.id !== undefined && seen.has(part.id));
      const before = all.slice(0, last + 1);
      const rest = await join(id);
      expect(essence(shownBy([...before, ...rest]))).toEqual(whole);
      expect(rest.at(-1)).toMatchObject({ event: 'end' });
    }
    expect(await join(ids.at(-1))).toEqual([expect.objectContaining({ event: 'end' })]);
  });

  it('is told of an id that is none', async () => {
    await expect(join('nonsense')).rejects.toMatchObject({ status: 400 });
  });

  it('reconnects by itself when the line is cut, and shows everything once', async () => {
    let budget = 3000;
    const line = await CuttingProxy.start(stage.app.url, () => {
      budget += 4000;
      return budget;
    });
    const client = clientOf(line.url);
    const { thread_id } = await direct.threads.create();
    const followed = new Collected(
      client.runs.stream(thread_id, 'assistant', { input: human('cut'), streamMode: [...MODES] }),
    );
    await playRichRun(stage.model, 'cut');
    const parts = await followed.all();
    await line.stop();
    expect(line.cuts).toBeGreaterThan(0);
    const state = await direct.threads.getState(thread_id);
    expect(essence(shownBy(parts))).toEqual(essence((state.values as any).messages));
    expect(parts.filter(({ event }) => event === 'end')).toHaveLength(1);
  }, 60_000);
});

describe('interrupts', () => {
  let stage: Stage;
  let client: ReturnType<typeof clientOf>;
  const deeds = new Deeds();
  beforeAll(async () => {
    stage = await setStage();
    client = clientOf(stage.app.url);
    teachTools(stage.app, deeds);
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    deeds.reset();
  });

  const begin = async (question: string): Promise<{ thread: string; parts: Part[]; run: string }> => {
    const { thread_id: thread } = await client.threads.create();
    const followed = new Collected(
      client.runs.stream(thread, 'assistant', { input: human(question), streamMode: [...MODES] }),
    );
    (await stage.model.next(question)).text('I will pay.').toolCall('pay', { euro: 5 }, 'pay_1').finish();
    const parts = await followed.all();
    return { thread, parts, run: parts[0]?.data.run_id };
  };
  const resume = (thread: string, answer: unknown): Collected =>
    new Collected(
      client.runs.stream(thread, 'assistant', {
        command: { resume: answer },
        streamMode: [...MODES],
      }),
    );
  const parked = (run: string): Promise<unknown> =>
    until('the run waits', async () => (await stage.client.message(run)).status === 'waiting' || undefined);

  it('end the stream with what is asked, and are in the state of the thread', async () => {
    const { thread, parts, run } = await begin('asked');
    expect(parts.slice(-2)).toMatchObject([
      {
        event: 'values',
        data: { __interrupt__: [{ value: { action_requests: [{ name: 'pay', args: { euro: 5 } }] } }] },
      },
      { event: 'end' },
    ]);
    await parked(run);
    const interrupt: unknown = parts.at(-2)?.data.__interrupt__[0];
    expect(await client.threads.get(thread)).toMatchObject({
      status: 'interrupted',
      interrupts: { [run]: [interrupt] },
    });
    expect(await client.threads.getState(thread)).toMatchObject({
      next: ['tools'],
      tasks: [{ id: run, interrupts: [interrupt], error: null }],
    });
    expect(await client.runs.get(thread, run)).toMatchObject({ status: 'interrupted' });
    expect(((await client.runs.join(thread, run)) as any).__interrupt__).toEqual([interrupt]);
    const again = await new Collected(client.runs.joinStream(thread, run, { lastEventId: '-1' })).all();
    expect(again.at(-2)?.data.__interrupt__).toEqual([interrupt]);
  });

  it.each([
    ['{decision}', { decision: 'approve' }],
    ["the middleware's decisions", { decisions: [{ type: 'approve' }] }],
    ["the agent inbox's", [{ type: 'accept', args: null }]],
  ])('are answered with %s', async (_, answer) => {
    const question = `approve ${JSON.stringify(answer)}`;
    const { thread, parts, run } = await begin(question);
    const resumed = resume(thread, answer);
    (await stage.model.next(question)).text('Paid.').finish();
    const rest = await resumed.all();
    expect(rest[0]).toMatchObject({ event: 'metadata', data: { run_id: run } });
    expect(deeds.paid).toEqual(['{"euro":5}']);
    expect(JSON.stringify(rest)).not.toContain('__interrupt__');
    const shown = shownBy([...parts, ...rest]);
    expect(shown.map(words)).toEqual([
      `human: ${question}`,
      'ai: I will pay.',
      'tool: paid {"euro":5}',
      'ai: Paid.',
    ]);
    expect(essence(((await client.threads.getState(thread)).values as any).messages)).toEqual(essence(shown));
    // Who comes later reads both parts of the run in one.
    const all = await new Collected(client.runs.joinStream(thread, run, { lastEventId: '-1' })).all();
    expect(essence(shownBy(all))).toEqual(essence(shown));
    await expect(resume(thread, answer).all()).rejects.toMatchObject({ status: 409 });
  });

  it('are edited and rejected, with a reason', async () => {
    const edited = await begin('edit');
    const decisions = [{ type: 'edit', edited_action: { name: 'pay', args: { euro: 1 } } }];
    const resumed = resume(edited.thread, { decisions });
    (await stage.model.next('edit')).text('Paid less.').finish();
    const shown = shownBy([...edited.parts, ...(await resumed.all())]);
    expect(deeds.paid).toEqual(['{"euro":1}']);
    expect(shown[1].tool_calls).toMatchObject([{ name: 'pay', args: { euro: 1 } }]);

    const rejected = await begin('reject');
    const waited = client.runs.wait(rejected.thread, 'assistant', {
      command: { resume: { decisions: [{ type: 'reject', message: 'too much' }] } },
    });
    const second = await stage.model.next('reject');
    expect(JSON.stringify(second.messages)).toContain('too much');
    second.text('Then not.').finish();
    expect(((await waited) as any).messages.at(-1).content).toBe('Then not.');
    expect(deeds.paid).toHaveLength(1);
  });

  it.each([
    'maybe',
    {},
    { decisions: [] },
    { decisions: [{ type: 'approve' }, { type: 'approve' }] },
    { decisions: [{ type: 'edit', edited_action: { args: 7 } }] },
    { decision: 'reject', reason: 7 },
    { decision: 'approve', arguments: [] },
  ])('are not answered with %j', async (answer) => {
    const { thread, run } = await begin(`wrong ${JSON.stringify(answer)}`);
    await expect(resume(thread, answer).all()).rejects.toMatchObject({ status: 400 });
    await parked(run);
    await client.runs.cancel(thread, run, true);
    expect(await client.threads.getState(thread)).toMatchObject({ next: [], tasks: [] });
  });
});
