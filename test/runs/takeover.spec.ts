import { getModelToken } from '@nestjs/mongoose';
import type { StreamEvent } from '@reprise/protocol';
import { Types, type Model } from 'mongoose';
import { ToolJournal } from '../../src/agent/index.js';
import { ChatsService } from '../../src/chats/index.js';
import { DEFAULT_TENANT } from '../../src/common/index.js';
import { MESSAGE, type MessageDocument } from '../../src/run-record/index.js';
import { RunExecutor } from '../../src/runs/execution/run-executor.js';
import type { HeldRun } from '../../src/run-record/index.js';
import { RunStore } from '../../src/runs/record/run-store.js';
import { StreamsService } from '../../src/streams/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { scopeOf } from '../support/scopes.js';

describe('a run that changes hands', () => {
  let app: TestApp;
  let messages: Model<MessageDocument>;
  let store: RunStore;
  let executor: RunExecutor;
  let streams: StreamsService;
  let journal: ToolJournal;
  let chat_id: string;
  let id: Types.ObjectId;

  beforeAll(async () => {
    // Only this spec looks for work.
    app = await startTestApp({ RUN_LEASE_MS: '600000' });
    const part = { strict: false };
    messages = app.nest.get(getModelToken(MESSAGE), part);
    store = app.nest.get(RunStore, part);
    executor = app.nest.get(RunExecutor, part);
    streams = app.nest.get(StreamsService, part);
    journal = app.nest.get(ToolJournal, part);
  });
  afterAll(() => app.destroy());

  beforeEach(async () => {
    chat_id = (await app.nest.get(ChatsService, { strict: false }).create(scopeOf(), 'alice', {}))._id;
    const queued_at = new Date();
    const run = { open: true, attempt: 0, handovers: 0, cancel_requested: false, queued_at };
    const question = { tenant_id: DEFAULT_TENANT, chat_id, role: 'user' as const, content: 'Who are you?' };
    const fields = {
      ...question,
      status: 'pending' as const,
      agent: 'assistant',
      created_at: queued_at,
      run,
    };
    ({ _id: id } = await messages.create(fields));
  });

  const key = () => ({ tenant: DEFAULT_TENANT, message_id: id.toHexString() });
  const log = async (): Promise<StreamEvent[]> => {
    const events: StreamEvent[] = [];
    for await (const event of streams.read(key(), 0)) events.push(event);
    return events;
  };
  /** The worker's lease expires, and another one takes the run over. */
  const takenOver = async (): Promise<HeldRun> => {
    await messages.updateOne({ _id: id }, { $set: { 'run.lease.expires_at': new Date(0) } });
    return given(await store.takeOver(chat_id));
  };
  const given = (run: HeldRun | null): HeldRun => {
    if (!run) throw new Error('There was no run to be had.');
    return run;
  };

  it('gets nothing from a worker that learns late of its claim, if the run has ended meanwhile', async () => {
    const late = given(await store.claim(chat_id));
    await executor.execute(await takenOver());
    const before = await log();
    expect(before.at(-1)?.type).toBe('end');
    await executor.execute(late);
    expect(await log()).toEqual(before);
  });

  it('gets nothing from such a worker while another one is in the middle of it', async () => {
    const first = given(await store.claim(chat_id));
    const { writer, close } = await streams.open(key(), chat_id);
    await writer.emit({ type: 'start', status: 'processing', agent: 'assistant', attempt: 1 });
    close();
    const late = await takenOver();
    const holder = await takenOver();
    expect([first, late, holder].map(({ run }) => run.attempt)).toEqual([1, 2, 3]);
    await executor.execute(late);
    expect(await log()).toHaveLength(1);
    await executor.execute(holder);
    const events = await log();
    expect(events[1]).toMatchObject({
      type: 'status',
      attempt: 3,
    });
    expect(events.at(-1)).toMatchObject({ type: 'end', status: 'completed' });
  });

  it('says how the calls of a lost worker ended, if nobody continues it', async () => {
    const first = given(await store.claim(chat_id));
    const { writer, close } = await streams.open(key(), chat_id);
    await writer.emit({ type: 'start', status: 'processing', agent: 'assistant', attempt: 1 });
    const calls = ['cut', 'told late', 'never begun'].map((call_id, position) => {
      const call = { call_id, position, step: 1, name: 'list_files', arguments: '{}' };
      return { ...call, started_at: new Date() };
    });
    await journal.start({ ...key(), chat_id }, calls);
    for (const call_id of ['cut', 'told late'])
      await writer.emit({ type: 'tool_start', call_id, name: 'list_files', args_summary: '' });
    const end = { call_id: 'told late', status: 'ok' as const, result: 'no files', ms: 7 };
    await journal.finish({ ...key(), chat_id }, { ...end, ended_at: new Date() });
    close();
    await messages.updateOne({ _id: first._id }, { $set: { 'run.cancel_requested': true } });
    await executor.execute(await takenOver());
    const [error_code, unknown] = ['outcome_unknown', 'outcome unknown: the run ended while the tool ran'];
    expect((await log()).slice(3)).toMatchObject([
      { type: 'tool_end', call_id: 'cut', status: 'error', error_code, result_summary: unknown },
      { type: 'tool_end', call_id: 'told late', status: 'ok', ms: 7, result_summary: 'no files' },
      { type: 'end', status: 'cancelled', tool_calls: 2 },
    ]);
    expect(await journal.list(DEFAULT_TENANT, key().message_id)).toMatchObject([
      { call_id: 'cut', status: 'error', error_code, result: `Error: ${unknown}` },
      { call_id: 'told late', status: 'ok' },
    ]);
  });

  it('leaves no call open that its own worker could not end', async () => {
    const run = given(await store.claim(chat_id));
    const { writer, close } = await streams.open(key(), chat_id);
    await writer.emit({ type: 'start', status: 'processing', agent: 'assistant', attempt: 1 });
    await writer.emit({ type: 'tool_start', call_id: 'open', name: 'list_files', args_summary: '' });
    close();
    await executor.execute({ ...run, run: { ...run.run, cancel_requested: true } });
    expect((await log()).slice(2)).toMatchObject([
      { type: 'tool_end', call_id: 'open', status: 'error' },
      { type: 'end', status: 'cancelled' },
    ]);
  });

  it('has cost what all its attempts have cost', async () => {
    const spent = (tokens: number) => ({
      prompt_tokens: tokens,
      completion_tokens: 0,
      total_tokens: tokens,
    });
    const first = given(await store.claim(chat_id));
    await store.noteUsage(first, spent(100_000), { spent: [] });
    await store.noteUsage(first, spent(40_000), { spent: [] }); // an older record that comes late
    const second = await takenOver();
    await store.noteUsage(first, spent(200_000), { spent: [] }); // it no longer holds the run
    await executor.execute(second);
    const end = (await log()).at(-1);
    const total = end?.type === 'end' ? end.usage.total_tokens : 0;
    expect(total).toBeGreaterThan(100_000);
    expect(total).toBeLessThan(140_000);
  });
});
