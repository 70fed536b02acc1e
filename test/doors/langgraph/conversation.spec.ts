import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../../conformance/setup.js';
import { clientOf, Collected, human, shownBy, words } from './setup.js';

const MODES = ['values', 'messages-tuple', 'updates', 'custom'] as const;

describe("LangGraph's own client", () => {
  let stage: Stage;
  let client: ReturnType<typeof clientOf>;
  beforeAll(async () => {
    stage = await setStage();
    client = clientOf(stage.app.url);
  });
  afterAll(() => stage.close());

  const begin = (threadId: string | null, question: string, more: object = {}): Collected => {
    const stream = client.runs.stream(threadId as string, 'assistant', {
      input: human(question),
      streamMode: [...MODES],
      ...more,
    });
    return new Collected(stream);
  };

  it('has a conversation with thinking, a plan, tools and text, which the history has as well', async () => {
    const { thread_id } = await client.threads.create({ metadata: { about: 'CSR' } });
    const created: any[] = [];
    const run = begin(thread_id, 'rich', { onRunCreated: (of: any) => created.push(of) });
    await playRichRun(stage.model, 'rich');
    const parts = await run.all();

    const [{ run_id }] = created;
    expect(created).toEqual([{ thread_id, run_id: expect.stringMatching(/^[0-9a-f]{24}$/) }]);
    expect(parts[0]).toMatchObject({ event: 'metadata', data: { run_id, attempt: 1 } });
    expect(parts.at(-1)).toMatchObject({ event: 'end', data: null });
    const values = parts.filter(({ event }) => event === 'values');
    expect(values[0]?.data.messages.map(words)).toEqual(['human: rich']);

    const final = values.at(-1)?.data;
    expect(final.messages.map(({ type }: any) => type)).toEqual([
      'human',
      'ai',
      'tool',
      'tool',
      'tool',
      'ai',
    ]);
    const [question, first, , , , answer] = final.messages;
    expect(question).toMatchObject({ id: run_id, content: 'rich' });
    expect(first.additional_kwargs.reasoning_content).toBe('First I think.\n\nThen I think again.');
    expect(first.tool_calls).toMatchObject([
      { id: 'plan_1', name: 'update_plan', type: 'tool_call' },
      { id: 'write_1', name: 'write_file', args: { path: 'notes.md' } },
      { id: 'read_1', name: 'read_file', args: { path: 'missing.md' } },
    ]);
    expect(final.messages.map(({ status }: any) => status)).toEqual([
      undefined,
      undefined,
      'success',
      'success',
      'error',
      undefined,
    ]);
    expect(answer).toMatchObject({ content: RICH_ANSWER, usage_metadata: { total_tokens: 350 } });
    expect(final.plan).toMatchObject([{ text: 'Write' }, { text: 'Answer' }]);

    // The pieces say the same.
    const pieces = shownBy(parts.filter(({ event }) => event === 'messages'));
    const essence = ({ id, type, content, tool_calls, additional_kwargs }: any): unknown => [
      id,
      type,
      content,
      tool_calls ?? [],
      additional_kwargs,
    ];
    expect(pieces.map(essence)).toEqual(final.messages.slice(1).map(essence));
    expect(parts.filter(({ event }) => event === 'custom').map(({ data }) => data.type)).toContain('plan');
    const updates = parts.filter(({ event }) => event === 'updates').flatMap(({ data }) => Object.keys(data));
    expect(new Set(updates)).toEqual(new Set(['agent', 'tools']));

    const state = await client.threads.getState(thread_id);
    expect(state.values).toEqual(final);
    expect(state).toMatchObject({ next: [], tasks: [] });
    const [head, asked, beginning, ...others] = await client.threads.getHistory(thread_id);
    expect(head?.values).toEqual(final);
    expect((asked?.values as any).messages.map(words)).toEqual(['human: rich']);
    expect(beginning?.values).toEqual({ messages: [] });
    expect(others).toEqual([]);
    expect(head?.parent_checkpoint).toEqual(asked?.checkpoint);
    expect(asked?.parent_checkpoint).toEqual(beginning?.checkpoint);
    expect(beginning?.parent_checkpoint).toBeNull();
    expect(await client.runs.get(thread_id, run_id)).toMatchObject({ status: 'success', thread_id, run_id });
    expect(await client.threads.get(thread_id)).toMatchObject({
      status: 'idle',
      values: final,
      metadata: { about: 'CSR', graph_id: 'assistant', assistant_id: 'assistant' },
    });
  });

  it('goes on in the thread, whose `values` have all that was said before', async () => {
    const { thread_id } = await client.threads.create({ threadId: 'the thread of a client / ü' });
    expect(thread_id).toBe('the thread of a client / ü');
    for (const question of ['one', 'two']) {
      const run = begin(thread_id, question);
      (await stage.model.next(question)).text(`answer to ${question}`).finish();
      await run.all();
    }
    const third = begin(thread_id, 'three');
    const first = await third.has('values', ({ event }) => event === 'values');
    expect(first.data.messages.map(words)).toEqual([
      'human: one',
      'ai: answer to one',
      'human: two',
      'ai: answer to two',
      'human: three',
    ]);
    (await stage.model.next('three')).text('the end').finish();
    const parts = await third.all();
    expect(shownBy(parts).map(words).slice(-2)).toEqual(['human: three', 'ai: the end']);
  });

  it('knows what was said before a run that had to wait for another one', async () => {
    const { thread_id } = await client.threads.create();
    const first = begin(thread_id, 'slow');
    const answer = await stage.model.next('slow');
    const second = begin(thread_id, 'queued', { multitaskStrategy: 'enqueue' });
    await expect(begin(thread_id, 'rejected', { multitaskStrategy: 'reject' }).all()).rejects.toMatchObject({
      status: 409,
    });
    answer.text('at last').finish();
    await first.all();
    (await stage.model.next('queued')).text('now').finish();
    const parts = await second.all();
    const values = parts.find(({ event }) => event === 'values');
    expect(values?.data.messages.map(words)).toEqual(['human: slow', 'ai: at last', 'human: queued']);
  });

  it.each(['interrupt', 'rollback'] as const)(
    'replaces the run that goes on: %s',
    async (multitaskStrategy) => {
      const { thread_id } = await client.threads.create();
      const first = begin(thread_id, `first ${multitaskStrategy}`);
      (await stage.model.next(`first ${multitaskStrategy}`)).text('so far');
      await first.has('text', ({ event }) => event === 'messages');
      const second = begin(thread_id, `second ${multitaskStrategy}`, { multitaskStrategy });
      await first.all();
      (await stage.model.next(`second ${multitaskStrategy}`)).text('instead').finish();
      await second.all();
      const runs = await client.runs.list(thread_id);
      expect(runs.map(({ status }) => status)).toEqual(['success', 'interrupted']);
    },
  );

  it('waits for a run, begins one in the background, joins it, and lists them', async () => {
    const { thread_id } = await client.threads.create();
    const waited = client.runs.wait(thread_id, 'assistant', { input: human('wait') });
    (await stage.model.next('wait')).text('worth it').finish();
    expect(((await waited) as any).messages.map(words)).toEqual(['human: wait', 'ai: worth it']);

    const run = await client.runs.create(thread_id, 'assistant', { input: human('background') });
    expect(run).toMatchObject({ thread_id, assistant_id: 'assistant', metadata: { graph_id: 'assistant' } });
    const joined = client.runs.join(thread_id, run.run_id);
    (await stage.model.next('background')).text('done').finish();
    expect(((await joined) as any).messages.map(words).slice(-1)).toEqual(['ai: done']);
    expect(await client.runs.list(thread_id, { status: 'success', limit: 1 })).toMatchObject([
      { run_id: run.run_id },
    ]);
    expect(await client.runs.list(thread_id, { status: 'error' })).toEqual([]);
  });

  it('runs without a thread, in one of its own', async () => {
    const created: any[] = [];
    const run = begin(null, 'alone', { onRunCreated: (of: any) => created.push(of) });
    (await stage.model.next('alone')).text('by myself').finish();
    expect(shownBy(await run.all()).map(words)).toEqual(['human: alone', 'ai: by myself']);
    const state = await client.threads.getState(created[0].thread_id);
    expect((state.values as any).messages).toHaveLength(2);
    const waited = client.runs.wait(null, 'assistant', { input: human('alone too') });
    (await stage.model.next('alone too')).text('again').finish();
    expect(((await waited) as any).messages).toHaveLength(2);
  });

  it('stops a run; what was said is kept', async () => {
    const { thread_id } = await client.threads.create();
    const created: any[] = [];
    const run = begin(thread_id, 'stop', { onRunCreated: (of: any) => created.push(of) });
    (await stage.model.next('stop')).text('half of it');
    await run.has('text', ({ event }) => event === 'messages');
    await client.runs.cancel(thread_id, created[0].run_id, true);
    expect(shownBy(await run.all()).map(words)).toEqual(['human: stop', 'ai: half of it']);
    expect(await client.threads.getState(thread_id)).toMatchObject({ next: [], tasks: [] });
    expect(await client.runs.get(thread_id, created[0].run_id)).toMatchObject({ status: 'interrupted' });
    await client.runs.cancel(thread_id, created[0].run_id);
  });

  it('is told of an error, and asks again without input', async () => {
    const { thread_id } = await client.threads.create();
    const run = begin(thread_id, 'fails');
    (await stage.model.next('fails')).fail(400);
    const parts = await run.all();
    const error = parts.find(({ event }) => event === 'error');
    expect(error?.data).toMatchObject({
      error: expect.stringMatching(/^[a-z_]+$/),
      message: expect.any(String),
    });
    expect(parts.at(-1)?.event).toBe('end');
    const [state] = await client.threads.getHistory(thread_id);
    expect(JSON.parse(state?.tasks[0]?.error ?? '')).toMatchObject({ message: error?.data.message });
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'error' });
    await expect(client.runs.join(thread_id, parts[0]?.data.run_id)).resolves.toMatchObject({
      __error__: { error: error?.data.error },
    });

    const again = new Collected(client.runs.stream(thread_id, 'assistant', { input: null }));
    (await stage.model.next('fails')).text('now it works').finish();
    expect(shownBy(await again.all()).map(words)).toEqual(['human: fails', 'ai: now it works']);
    const failed = client.runs.wait(thread_id, 'assistant', { input: human('fails too') });
    (await stage.model.next('fails too')).fail(400);
    await expect(failed).rejects.toThrow(error?.data.message);
  });

  it('edits a question and asks again from a checkpoint, as branches of its history', async () => {
    const { thread_id } = await client.threads.create();
    const say = async (question: string, answer: string, more: object = {}): Promise<any[]> => {
      const run = begin(thread_id, question, more);
      (await stage.model.next(question)).text(answer).finish();
      return shownBy(await run.all());
    };
    await say('a', 'A');
    await say('b', 'B');
    const [afterB, b, afterA] = await client.threads.getHistory(thread_id);
    // What Agent Chat UI does: an edit continues from before the question, a regenerate from before the answer.
    const edited = await say('b, edited', 'B2', { checkpoint: b?.parent_checkpoint });
    expect(b?.parent_checkpoint).toEqual(afterA?.checkpoint);
    expect(edited.map(words)).toEqual(['human: a', 'ai: A', 'human: b, edited', 'ai: B2']);
    const regenerated = new Collected(
      client.runs.stream(thread_id, 'assistant', {
        streamMode: [...MODES],
        checkpoint: afterB?.parent_checkpoint as any,
      }),
    );
    (await stage.model.next('b')).text('B3').finish();
    expect(shownBy(await regenerated.all()).map(words)).toEqual(['human: a', 'ai: A', 'human: b', 'ai: B3']);

    const history = await client.threads.getHistory(thread_id, { limit: 100 });
    const children = (id: string | null | undefined): unknown[] =>
      history
        .filter(({ parent_checkpoint }) => parent_checkpoint?.checkpoint_id === id)
        .map(({ values }) => words((values as any).messages.at(-1)))
        .sort();
    expect(children(afterA?.checkpoint.checkpoint_id)).toEqual(['human: b', 'human: b, edited']);
    expect(children(b?.checkpoint.checkpoint_id)).toEqual(['ai: B', 'ai: B3']);
    const ids = history.map(({ checkpoint }) => checkpoint.checkpoint_id ?? '');
    expect(ids).toEqual([...ids].sort((one, other) => (one < other ? 1 : -1)));
    for (const { checkpoint, values } of history)
      expect((await client.threads.getState(thread_id, checkpoint.checkpoint_id ?? '')).values).toEqual(
        values,
      );
    const first = await say('a, edited', 'A2', { checkpoint: history.at(-1)?.checkpoint });
    expect(first.map(words)).toEqual(['human: a, edited', 'ai: A2']);
    expect(
      await client.threads.getHistory(thread_id, {
        limit: 2,
        before: { configurable: afterA?.checkpoint } as any,
      }),
    ).toHaveLength(2);
  });

  it('finds threads and assistants', async () => {
    const mine = await client.threads.create({ graphId: 'assistant', metadata: { folder: 'x.y$z' } });
    await client.runs.wait(mine.thread_id, 'assistant', { input: human('') }).catch((error: unknown) => {
      expect(error).toMatchObject({ status: 400 });
    });
    const waited = client.runs.wait(mine.thread_id, 'assistant', { input: human('listed') });
    (await stage.model.next('listed')).text('yes').finish();
    await waited;
    const found = await client.threads.search({ metadata: { folder: 'x.y$z', graph_id: 'assistant' } });
    expect(found).toMatchObject([
      { thread_id: mine.thread_id, status: 'idle', values: { messages: [{ content: 'listed' }] } },
    ]);
    expect(await client.threads.search({ metadata: { folder: 'other' } })).toEqual([]);
    expect(await client.threads.search({ ids: [mine.thread_id], status: 'busy' })).toEqual([]);
    expect(await client.threads.search({ ids: [mine.thread_id], select: ['thread_id'] })).toEqual([
      { thread_id: mine.thread_id },
    ]);
    await client.threads.update(mine.thread_id, { metadata: { folder: 'new' } });
    expect((await client.threads.get(mine.thread_id)).metadata).toMatchObject({ folder: 'new' });
    await client.threads.delete(mine.thread_id);
    await expect(client.threads.get(mine.thread_id)).rejects.toMatchObject({ status: 404 });
    await client.threads.create({ threadId: 'twice' });
    await expect(client.threads.create({ threadId: 'twice' })).rejects.toMatchObject({ status: 409 });
    expect(await client.threads.create({ threadId: 'twice', ifExists: 'do_nothing' })).toMatchObject({
      thread_id: 'twice',
    });

    const [assistant] = await client.assistants.search({ graphId: 'assistant' });
    expect(assistant).toMatchObject({ assistant_id: 'assistant', graph_id: 'assistant', name: 'assistant' });
    expect(await client.assistants.get('assistant')).toEqual(assistant);
    expect(await client.assistants.getSchemas('assistant')).toMatchObject({ graph_id: 'assistant' });
    await expect(client.assistants.get('poet')).rejects.toMatchObject({ status: 404 });
  });
});
