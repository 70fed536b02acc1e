import type { StreamEvent } from '@reprise/protocol';
import { Deeds, decide as decideOver, historyOf, teachTools } from '../support/approvals.js';
import { ApprovalJournal } from '../../src/agent/index.js';
import { DEFAULT_TENANT } from '../../src/common/index.js';
import { startTestApp } from '../support/app.js';
import { Client, openDatabase, type Answer, type Created } from '../support/client.js';
import { until, within } from '../support/until.js';
import { expectWholeLog, ofType, setStage, theOne, typesOf, type Stage } from './setup.js';

const APPROVED = ['approval_required', 'approval_resolved', 'tool_start', 'tool_end'];
const DECLINED = ['approval_required', 'approval_resolved', 'tool_end'];

describe('CONTRACT 7: a call that needs approval', () => {
  let stage: Stage;
  const deeds = new Deeds();

  beforeAll(async () => {
    stage = await setStage({ RUN_LEASE_MS: '600' });
    teachTools(stage.app, deeds);
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    deeds.reset();
  });

  type Call = [name: string, args: unknown, id: string];

  let asked = 0;
  /** A run whose model calls these tools in its first turn. */
  async function asks(...calls: Call[]): Promise<Created & { chat: string; question: string }> {
    const chat = await stage.client.newChat();
    const question = `Please number ${++asked}`;
    const of = await stage.client.send(chat, question);
    const turn = await stage.model.next(question);
    for (const [name, args, id] of calls) turn.toolCall(name, args, id);
    turn.finish();
    return { ...of, chat, question };
  }
  const answers = async ({ question }: { question: string }, text = 'Done.'): Promise<void> => {
    (await stage.model.next(question)).text(text).finish();
  };
  const decide = (of: Created, call: string, body: object): Promise<Answer> =>
    decideOver(stage.client, of, call, body);
  const status = async (of: Created): Promise<string> => (await stage.client.message(of.message_id)).status;
  const waits = (of: Created): Promise<unknown> =>
    until('the run waits', async () => (await status(of)) === 'waiting');
  const whole = async (of: Created): Promise<StreamEvent[]> => {
    const events = await stage.client.ended(of);
    expectWholeLog(events, of);
    return events;
  };
  const APPROVE = { decision: 'approve' };

  it('pauses its run: the message waits, nobody holds it, and its stream stays open', async () => {
    const of = await asks(['pay', { euro: 5 }, 'p1'], ['read_file', { path: 'x' }, 'r1']);
    const reader = await stage.client.stream(of);
    await reader.until('the question', ({ type }) => type === 'approval_required');
    await waits(of);
    const message = await stage.client.message(of.message_id);
    expect(message).toMatchObject({ status: 'waiting', run: { status: 'waiting', attempt: 1 } });
    const request = theOne(reader.events, 'approval_required');
    expect(request).toMatchObject({ call_id: 'p1', name: 'pay', args_summary: 'euro=5', args: { euro: 5 } });
    expect(message.run.waiting).toMatchObject({ until: request.expires_at, call_ids: ['p1'] });
    expect((await stage.client.history(of.chat))[0]).toMatchObject({ status: 'waiting' });
    const calls = (await stage.client.get(`/api/messages/${of.message_id}/tool-calls`)).body;
    expect(calls).toMatchObject([
      { call_id: 'p1', status: 'waiting', approval: { state: 'pending', decided_at: null } },
      { call_id: 'r1', status: 'error', approval: null },
    ]);
    const database = await openDatabase(stage.app);
    const [stored] = await database.connection
      .collection('messages')
      .find({ 'run.waiting': { $exists: true }, chat_id: of.chat })
      .toArray();
    await database.close();
    expect(stored?.['run']?.lease).toBeUndefined();
    expect(typesOf(reader.events)).not.toContain('end');
    expect(deeds.paid).toEqual([]);
    expect((await stage.client.cancel(of.message_id)).body).toEqual({
      message_id: of.message_id,
      status: 'waiting',
    });
    await reader.all();
  });

  it('runs when it is approved; the decision is the first thing the log says then', async () => {
    const of = await asks(['pay', { euro: 5 }, 'p1']);
    await waits(of);
    const answer = await decide(of, 'p1', { ...APPROVE, reason: 'Only once.' });
    expect(answer).toMatchObject({
      status: 200,
      body: { message_id: of.message_id, call_id: 'p1', decision: 'approve', reason: 'Only once.' },
    });
    await answers(of);
    const events = await whole(of);
    expect(typesOf(events)).toEqual(['start', ...APPROVED, 'content', 'end']);
    expect(theOne(events, 'approval_resolved')).toMatchObject({
      call_id: 'p1',
      decision: 'approve',
      reason: 'Only once.',
    });
    expect(theOne(events, 'end')).toMatchObject({ status: 'completed', tool_calls: 1 });
    expect(deeds.paid).toEqual(['{"euro":5}']);
    expect(await stage.client.message(of.message_id)).toMatchObject({
      status: 'completed',
      run: { attempt: 2 },
    });
  });

  it('is decided once', async () => {
    const of = await asks(['pay', { euro: 5 }, 'p1']);
    await waits(of);
    const bodies = Array.from({ length: 8 }, (_, i) => ({ decision: i % 2 ? 'approve' : 'reject' }));
    const decisions = await Promise.all(bodies.map((body) => decide(of, 'p1', body)));
    const statuses = decisions.map(({ status: code }) => code).sort((a, b) => a - b);
    expect(statuses).toEqual([200, ...Array<number>(7).fill(409)]);
    const won = decisions.find(({ status: code }) => code === 200)!.body.decision;
    await answers(of);
    expect(theOne(await whole(of), 'approval_resolved').decision).toBe(won);
    for (const body of bodies.slice(0, 2))
      expect(await decide(of, 'p1', body)).toMatchObject({
        status: 409,
        body: { code: 'approval_already_decided', retryable: false },
      });
    expect(deeds.paid).toHaveLength(won === 'approve' ? 1 : 0);
  });

  it('runs with the arguments that the person has changed, once the tool takes them', async () => {
    const of = await asks(['write_file', { path: 'a.md', content: 'secret' }, 'w1']);
    await waits(of);
    const wrong = await decide(of, 'w1', { ...APPROVE, arguments: { path: 7, content: 'x' } });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'invalid_tool_arguments' } });
    expect(wrong.body.errors).toMatchObject([{ field: 'arguments.path' }]);
    expect(await status(of)).toBe('waiting');
    const changed = { path: 'b.md', content: 'fine' };
    const right = await decide(of, 'w1', { ...APPROVE, arguments: changed });
    expect(right).toMatchObject({ status: 200, body: { arguments: changed } });
    await answers(of);
    const events = await whole(of);
    expect(theOne(events, 'approval_resolved').args).toEqual(changed);
    expect(theOne(events, 'tool_start').args).toEqual(changed);
    expect(theOne(events, 'tool_end').result_summary).toContain('b.md');
    const [call] = (await stage.client.get(`/api/messages/${of.message_id}/tool-calls`)).body;
    expect(JSON.parse(call.arguments)).toEqual({ path: 'a.md', content: 'secret' });
    expect(JSON.parse(call.approval.arguments)).toEqual(changed);
  });

  it('does not run when it is rejected; the model is told why, and goes on', async () => {
    const of = await asks(['pay', { euro: 5 }, 'p1']);
    await waits(of);
    await decide(of, 'p1', { decision: 'reject', reason: 'Too dear.' });
    const turn = await stage.model.next(of.question);
    expect(turn.messages.at(-1)).toMatchObject({ role: 'tool', tool_call_id: 'p1' });
    expect(turn.messages.at(-1)?.content).toMatch(/rejected.*Too dear\./);
    turn.text('Then not.').finish();
    const events = await whole(of);
    expect(typesOf(events)).toEqual(['start', ...DECLINED, 'content', 'end']);
    expect(theOne(events, 'tool_end')).toMatchObject({ status: 'error', error_code: 'approval_rejected' });
    expect(deeds.paid).toEqual([]);
  });

  it('is one of several: each decision continues what it can, the rest goes on waiting', async () => {
    const of = await asks(['pay', { euro: 1 }, 'p1'], ['pay', { euro: 2 }, 'p2'], ['pay', { euro: 3 }, 'p3']);
    await waits(of);
    await decide(of, 'p2', APPROVE);
    const reader = await stage.client.stream(of);
    await reader.until('the second is paid', (event) => event.type === 'tool_end' && event.call_id === 'p2');
    await until('it waits for the others', async () => {
      const { run } = await stage.client.message(of.message_id);
      return run.waiting?.call_ids.join() === 'p1,p3';
    });
    await Promise.all([decide(of, 'p3', { decision: 'reject' }), decide(of, 'p1', APPROVE)]);
    await answers(of);
    const events = await whole(of);
    expect(deeds.paid).toEqual(['{"euro":2}', '{"euro":1}']);
    expect(historyOf(events, 'p1')).toEqual(APPROVED);
    expect(historyOf(events, 'p2')).toEqual(APPROVED);
    expect(historyOf(events, 'p3')).toEqual(DECLINED);
    expect(ofType(events, 'status')).toEqual([]);
  });

  it('may be decided while other calls of its turn still run', async () => {
    const of = await asks(['pay', { euro: 1 }, 'p1'], ['work', {}, 'k1']);
    const reader = await stage.client.stream(of);
    await reader.until('the other call runs', ({ type }) => type === 'tool_start');
    expect(await status(of)).toBe('processing');
    expect((await decide(of, 'p1', APPROVE)).status).toBe(200);
    deeds.finish();
    await answers(of);
    const events = await whole(of);
    expect(historyOf(events, 'p1')).toEqual(APPROVED);
    expect(deeds.paid).toHaveLength(1);
  });

  it('keeps its place in the chat: what was sent later waits for it', async () => {
    const of = await asks(['pay', { euro: 1 }, 'p1']);
    await waits(of);
    const later = await stage.client.send(of.chat, 'And then?');
    expect(
      (await stage.client.post(`/api/chats/${of.chat}/messages`, { content: 'x', on_busy: 'reject' })).body,
    ).toMatchObject({ status: 409, code: 'chat_busy' });
    expect((await stage.client.post(`/api/messages/${of.message_id}/retry`)).body).toMatchObject({
      status: 409,
      code: 'run_not_ended',
    });
    expect(await status(later)).toBe('pending');
    await decide(of, 'p1', APPROVE);
    await answers(of);
    await whole(of);
    (await stage.model.next('And then?')).text('Then this.').finish();
    expect(theOne(await whole(later), 'end').status).toBe('completed');
  });

  it.each<[string, (of: Created & { chat: string }) => Promise<unknown>]>([
    ['a cancel', ({ message_id }) => stage.client.cancel(message_id)],
    [
      'a message that interrupts',
      async ({ chat }) => {
        await stage.client.send(chat, 'Stop!', { on_busy: 'interrupt' });
        (await stage.model.next('Stop!')).text('Stopped.').finish();
      },
    ],
  ])('is settled by %s: the run ends at once, and nothing can be decided any more', async (_, stop) => {
    const of = await asks(['pay', { euro: 1 }, 'p1'], ['pay', { euro: 2 }, 'p2']);
    await waits(of);
    await stop(of);
    const events = await whole(of);
    expect(theOne(events, 'end')).toMatchObject({ status: 'cancelled', tool_calls: 0 });
    for (const id of ['p1', 'p2']) expect(historyOf(events, id)).toEqual(DECLINED);
    expect(ofType(events, 'approval_resolved')).toMatchObject([
      { decision: 'reject' },
      { decision: 'reject' },
    ]);
    expect(await decide(of, 'p1', APPROVE)).toMatchObject({
      status: 409,
      body: { code: 'approval_already_decided' },
    });
    const calls = (await stage.client.get(`/api/messages/${of.message_id}/tool-calls`)).body;
    expect(calls).toMatchObject([
      { error_code: 'cancelled', approval: { state: 'rejected' } },
      { error_code: 'cancelled' },
    ]);
    expect(deeds.paid).toEqual([]);
  });

  it.each([
    ['a call that does not exist', 'nothing'],
    ['a call that needs no approval', 'r1'],
    ['an absurd id', '%00'],
    ['a very long id', 'x'.repeat(3000)],
  ])('is not %s: 404', async (_, id) => {
    const of = await asks(['pay', { euro: 1 }, 'p1'], ['read_file', { path: 'x' }, 'r1']);
    await waits(of);
    const answer = await stage.client.post(`/api/messages/${of.message_id}/approvals/${id}`, APPROVE);
    expect(answer).toMatchObject({ status: 404, body: { code: 'approval_not_found' } });
    await stage.client.cancel(of.message_id);
    await whole(of);
  });

  it.each([
    [{}, 'decision'],
    [{ decision: 'maybe' }, 'decision'],
    [{ decision: 'approve', arguments: [1] }, 'arguments'],
    [{ decision: 'approve', arguments: 'x' }, 'arguments'],
    [{ decision: 'reject', arguments: { euro: 1 } }, 'arguments'],
    [{ decision: 'reject', reason: '' }, 'reason'],
    [{ decision: 'reject', reason: 'x'.repeat(2001) }, 'reason'],
    [{ decision: 'reject', why: 'x' }, 'why'],
  ])('is not decided by a bad body, %#: 400', async (body, field) => {
    const of = await asks(['pay', { euro: 1 }, 'p1']);
    await waits(of);
    const answer = await decide(of, 'p1', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed', errors: [{ field }] } });
    expect(await status(of)).toBe('waiting');
    await stage.client.cancel(of.message_id);
    await whole(of);
  });

  it('has an id of any characters', async () => {
    const of = await asks(['pay', { euro: 1 }, 'a/b ?#%æ']);
    await waits(of);
    expect((await decide(of, 'a/b ?#%æ', APPROVE)).status).toBe(200);
    await answers(of);
    expect(theOne(await whole(of), 'end').status).toBe('completed');
  });

  it('disappears with its chat', async () => {
    const of = await asks(['pay', { euro: 1 }, 'p1']);
    await waits(of);
    expect((await stage.client.delete(`/api/chats/${of.chat}`)).status).toBe(204);
    expect((await decide(of, 'p1', APPROVE)).body).toMatchObject({ status: 404, code: 'message_not_found' });
    const database = await openDatabase(stage.app);
    const left = await database.connection.collection('tool_calls').countDocuments({ chat_id: of.chat });
    await database.close();
    expect(left).toBe(0);
  });
});

describe('CONTRACT 7: an approval', () => {
  it('expires: the model is told that nobody decided', async () => {
    const stage = await setStage({ APPROVAL_TTL_MS: '100', RUN_LEASE_MS: '600' });
    const deeds = new Deeds();
    teachTools(stage.app, deeds);
    const of = await stage.client.send(await stage.client.newChat(), 'Pay?');
    (await stage.model.next('Pay?')).toolCall('pay', { euro: 5 }, 'p1').finish();
    const turn = await stage.model.next('Pay?');
    expect(turn.messages.at(-1)?.content).toMatch(/nobody decided in time/);
    turn.text('Too late.').finish();
    const events = await stage.client.ended(of);
    expectWholeLog(events, of);
    expect(theOne(events, 'approval_resolved')).toMatchObject({ decision: 'reject', expired: true });
    expect(theOne(events, 'tool_end')).toMatchObject({ error_code: 'approval_expired' });
    expect(await decideOver(stage.client, of, 'p1', { decision: 'approve' })).toMatchObject({ status: 409 });
    expect(deeds.paid).toEqual([]);
    await stage.close();
  });

  it('takes effect even if the process that stored it died before it could tell anybody', async () => {
    const stage = await setStage({ RUN_LEASE_MS: '600' });
    const deeds = new Deeds();
    teachTools(stage.app, deeds);
    const of = await stage.client.send(await stage.client.newChat(), 'Pay?');
    (await stage.model.next('Pay?')).toolCall('pay', { euro: 5 }, 'p1').finish();
    await until(
      'the run waits',
      async () => (await stage.client.message(of.message_id)).status === 'waiting',
    );
    const key = { tenant: DEFAULT_TENANT, message_id: of.message_id, call_id: 'p1' };
    const decision = { state: 'approved' as const, decided_at: new Date() };
    expect(await stage.app.nest.get(ApprovalJournal, { strict: false }).decide(key, decision)).toBe(true);
    (await stage.model.next('Pay?')).text('Paid.').finish();
    expect(typesOf(await stage.client.ended(of))).toEqual(['start', ...APPROVED, 'content', 'end']);
    expect(deeds.paid).toEqual(['{"euro":5}']);
    await stage.close();
  });

  it('survives restarts: a later process continues with the decision, whenever it comes', async () => {
    const stage = await setStage({ RUN_LEASE_MS: '600' });
    const deeds = new Deeds();
    teachTools(stage.app, deeds);
    const of = await stage.client.send(await stage.client.newChat(), 'Pay?');
    (await stage.model.next('Pay?')).text('Paying.').toolCall('pay', { euro: 5 }, 'p1').finish();
    await until(
      'the run waits',
      async () => (await stage.client.message(of.message_id)).status === 'waiting',
    );
    await stage.app.stop();
    const second = await startTestApp(stage.app.env);
    teachTools(second, deeds);
    const client = new Client(second.url);
    expect(await client.message(of.message_id)).toMatchObject({ status: 'waiting' });
    expect((await decideOver(client, of, 'p1', { decision: 'approve' })).status).toBe(200);
    (await stage.model.next('Pay?')).text(' Paid.').finish();
    const events = await within('the run ends', client.ended(of));
    expectWholeLog(events, of);
    expect(typesOf(events)).toEqual(['start', 'content', ...APPROVED, 'content', 'end']);
    expect(deeds.paid).toEqual(['{"euro":5}']);
    await second.destroy();
    await stage.model.stop();
  });
});
