import { DEFAULT_TENANT, type TenantId } from '../../src/common/index.js';
import { newRun, startWorld, type AgentWorld } from './support.js';

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const call = (call_id: string, fields: object = {}) => ({
  call_id,
  step: 1,
  position: 0,
  name: 'echo',
  arguments: '{"a":1}',
  started_at: new Date(1000),
  ...fields,
});
const end = (call_id: string, fields: object = {}) => ({
  call_id,
  status: 'ok' as const,
  result: 'r',
  ms: 3,
  ended_at: new Date(2000),
  ...fields,
});
const other = 'other' as TenantId;

describe('the journal', () => {
  it('keeps a call from its start to its end', async () => {
    const run = newRun();
    await world.journal.start(run, [call('a')]);
    const [running] = await world.journal.list(DEFAULT_TENANT, run.message_id);
    expect(running).toMatchObject({ status: 'running', result: null, ms: null, ended_at: null });
    await world.journal.finish(run, end('a', { result: 'full text\0 \ud800' }));
    expect(await world.journal.list(DEFAULT_TENANT, run.message_id)).toEqual([
      {
        chat_id: run.chat_id,
        message_id: run.message_id,
        ...call('a'),
        ...end('a', { result: 'full text \ufffd' }),
      },
    ]);
  });

  it('returns calls in the order in which the model requested them', async () => {
    const run = newRun();
    await world.journal.start(run, [call('c', { step: 2 })]);
    await world.journal.start(run, [call('b', { position: 1 })]);
    await world.journal.start(run, [call('a')]);
    const calls = await world.journal.list(DEFAULT_TENANT, run.message_id);
    expect(calls.map(({ call_id }) => call_id)).toEqual(['a', 'b', 'c']);
  });

  it('allows only a call that did not end to start again', async () => {
    const run = newRun();
    await world.journal.start(run, [call('a')]);
    await world.journal.start(run, [call('a', { started_at: new Date(5000) })]);
    await world.journal.finish(run, end('a'));
    await expect(world.journal.start(run, [call('a')])).rejects.toThrow('E11000');
    expect(await world.journal.list(DEFAULT_TENANT, run.message_id)).toMatchObject([
      { status: 'ok', started_at: new Date(5000) },
    ]);
  });

  it('keeps the first end, and reports it', async () => {
    const run = newRun();
    await world.journal.start(run, [call('a')]);
    const [first, second] = [end('a', { result: 'first' }), end('a', { result: 'second', status: 'error' })];
    expect(await world.journal.finish(run, first)).toEqual(first);
    expect(await world.journal.finish(run, second)).toEqual(first);
    expect(await world.journal.list(DEFAULT_TENANT, run.message_id)).toMatchObject([
      { result: 'first', status: 'ok' },
    ]);
  });

  it('cuts long texts in the database if asked to', async () => {
    const run = newRun();
    await world.journal.start(run, [call('a')]);
    await world.journal.finish(run, end('a', { result: 'é'.repeat(50) }));
    const [cut] = await world.journal.listMany(DEFAULT_TENANT, [run.message_id], 10);
    expect(cut).toMatchObject({ result: 'é'.repeat(11), arguments: '{"a":1}' });
  });

  it('neither shows nor deletes anything of another tenant', async () => {
    const run = newRun();
    await world.journal.start(run, [call('a')]);
    expect(await world.journal.list(other, run.message_id)).toEqual([]);
    await world.journal.deleteByMessages(other, [run.message_id]);
    expect(await world.journal.list(DEFAULT_TENANT, run.message_id)).toHaveLength(1);
    await world.journal.deleteByMessages(DEFAULT_TENANT, [run.message_id]);
    expect(await world.journal.list(DEFAULT_TENANT, run.message_id)).toEqual([]);
  });
});
