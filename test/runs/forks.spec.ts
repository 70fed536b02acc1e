import type { StreamEvent } from '@reprise/protocol';
import { changeAssistant } from '../support/approvals.js';
import { until } from '../support/until.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { answerOf, Client, openDatabase } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startTestApp();
  client = new Client(app.url);
  const content = 'The CSR requirements follow the ILO conventions. Prices are fixed for two years.';
  await client.post('/api/documents', { title: 'Bilag E', content });
});
afterAll(() => app.destroy());

interface Call {
  call_id: string;
  name: string;
  result: string;
  ended_at: string;
}

/** A run that has ended, with its log and its calls. */
async function ended(message: { message_id: string; stream_url: string }) {
  const { message_id } = message;
  const events = await client.ended(message);
  const calls = (await client.get(`/api/messages/${message_id}/tool-calls`)).body as Call[];
  return { message_id, events, calls, answer: answerOf(events) };
}

/** What an event says, without what belongs to its place in a log. */
function said(event: StreamEvent): object {
  const { id: _id, message_id: _message, ...rest } = event;
  return rest;
}

async function fork(id: string, body: object, headers = {}) {
  return client.post(`/api/messages/${id}/fork`, body, headers);
}

describe('a fork', () => {
  it('keeps the log up to any event and goes on from there; what has run is not run again', async () => {
    const chat = await client.newChat();
    const first = await ended(await client.send(chat, 'What are the CSR requirements?'));
    expect(first.calls.map(({ name }) => name)).toContain('get_file_content');
    const places = first.events.slice(0, -1);
    expect(places.length).toBeGreaterThan(15);
    for (const [index, { id }] of places.entries()) {
      const { status, body } = await fork(first.message_id, { after: id });
      expect(status).toBe(201);
      const forked = await ended(body);
      expect(forked.events.slice(0, index + 1).map(said)).toEqual(first.events.slice(0, index + 1).map(said));
      expect(forked.events[index + 1]).toMatchObject({
        type: 'status',
        text: 'Continuing from an earlier run',
      });
      expect(forked.events.map(({ id }) => Number(id.split('_')[1]))).toEqual(
        forked.events.map((_, seq) => seq),
      );
      expect(forked.events.every((event) => event.message_id === forked.message_id)).toBe(true);
      expect(forked.events.at(-1)).toMatchObject({ type: 'end', status: 'completed' });
      expect(forked.answer).toBe(first.answer);
      const started = forked.events.flatMap((event) => (event.type === 'tool_start' ? [event.call_id] : []));
      const over = forked.events.flatMap((event) => (event.type === 'tool_end' ? [event.call_id] : []));
      expect(new Set(started).size).toBe(started.length);
      expect([...over].sort()).toEqual([...started].sort());
      // A call that had been asked for and had not started does so here.
      expect(started).toHaveLength(first.calls.length);
      const kept = new Set(
        first.events
          .slice(0, index + 1)
          .flatMap((event) => (event.type === 'tool_start' ? [event.call_id] : [])),
      );
      const times = (calls: Call[]) =>
        calls.filter(({ call_id }) => kept.has(call_id)).map(({ call_id, ended_at }) => [call_id, ended_at]);
      expect(times(forked.calls)).toEqual(times(first.calls));
    }
    const { body: unchanged } = await client.get(`/api/messages/${first.message_id}/events`);
    expect(unchanged).toEqual(first.events);
    const { body: message } = await client.get(`/api/messages/${first.message_id}`);
    expect(message.run.forked_from).toBeUndefined();
  }, 180_000);

  it('may be given another result, another question and another agent', async () => {
    const chat = await client.newChat();
    const first = await ended(await client.send(chat, 'What are the CSR requirements?'));
    const search = first.calls.find(({ name }) => name === 'search_tender_corpus');
    const end = first.events.find((event) => event.type === 'tool_end' && event.call_id === search?.call_id);
    const passages = JSON.parse(search?.result ?? '') as { passages: { text: string }[] };
    const result = JSON.stringify({
      passages: passages.passages.map((one) => ({
        ...one,
        text: 'The CSR requirements are in the annex of tomorrow.',
      })),
    });
    const tool_result = { call_id: search?.call_id, result };
    const { body } = await fork(first.message_id, {
      after: end?.id,
      tool_result,
      content: 'What about CSR?',
    });
    const forked = await ended(body);
    expect(forked.calls.find(({ call_id }) => call_id === search?.call_id)?.result).toBe(result);
    const shown = forked.events.find(
      (event) => event.type === 'tool_end' && event.call_id === search?.call_id,
    );
    expect(shown).toMatchObject({ status: 'ok', result_summary: expect.stringContaining('tomorrow') });
    const { body: message } = await client.get(`/api/messages/${forked.message_id}`);
    expect(message).toMatchObject({
      content: 'What about CSR?',
      metadata: { retry_of: first.message_id },
      run: { forked_from: { message_id: first.message_id, event_id: end?.id } },
    });
  });

  it('of a run that waits for a person waits for a decision of its own', async () => {
    changeAssistant(app, { approvals: ['search_tender_corpus'] });
    const first = await client.send(await client.newChat(), 'What are the CSR requirements?');
    const reader = await client.stream(first);
    const asked = await reader.until('it asks', ({ type }) => type === 'approval_required');
    await reader.close();
    await until('it rests', async () => (await client.message(first.message_id)).status === 'waiting');
    const call_id = asked.type === 'approval_required' ? asked.call_id : '';
    await client.cancel(first.message_id);
    const old = await client.ended(first);
    expect(old.at(-1)).toMatchObject({ status: 'cancelled' });
    const { body } = await fork(first.message_id, { after: asked.id });
    await until('the fork rests', async () => (await client.message(body.message_id)).status === 'waiting');
    const [again] = (await client.replay(body.message_id)).filter(({ type }) => type === 'approval_required');
    expect(again).toMatchObject({ call_id, expires_at: expect.any(String) });
    expect(again).not.toMatchObject({ expires_at: asked.type === 'approval_required' && asked.expires_at });
    changeAssistant(app, { approvals: [] });
    const decision = await client.post(`/api/messages/${String(body.message_id)}/approvals/${call_id}`, {
      decision: 'approve',
    });
    expect(decision.status).toBe(200);
    const events = await client.ended(body);
    expect(events.filter(({ type }) => type === 'approval_required')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ status: 'completed' });
  });

  it('with the same key is the same fork, and leaves nothing else behind', async () => {
    const chat = await client.newChat();
    const first = await ended(await client.send(chat, 'Prices?'));
    const key = { 'idempotency-key': 'k1' };
    const { id } = first.events[3] ?? { id: '' };
    const one = await fork(first.message_id, { after: id }, key);
    const two = await fork(first.message_id, { after: id }, key);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.body).toEqual(one.body);
    const other = await fork(first.message_id, { after: first.events[4]?.id }, key);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    await ended(one.body);
  });

  it.each<[string, (events: StreamEvent[]) => object, number, string]>([
    ['no event', () => ({}), 400, 'validation_failed'],
    ['an unknown event', () => ({ after: '1_0001_00000000' }), 400, 'unknown_event_id'],
    ['the end', (events) => ({ after: events.at(-1)?.id }), 400, 'invalid_fork'],
    ['an unknown agent', (events) => ({ after: events[1]?.id, agent: 'nobody' }), 400, 'unknown_agent'],
    [
      'a result of no call',
      (events) => ({ after: events[1]?.id, tool_result: { call_id: 'x', result: 'y' } }),
      400,
      'invalid_fork',
    ],
    [
      'a result that is no text',
      (events) => ({ after: events[1]?.id, tool_result: { call_id: 'x', result: 7 } }),
      400,
      'validation_failed',
    ],
    ['an unknown field', (events) => ({ after: events[1]?.id, before: 'x' }), 400, 'validation_failed'],
  ])('after %s is refused', async (_what, body, status, code) => {
    const chat = await client.newChat();
    const first = await ended(await client.send(chat, 'hello'));
    const answer = await fork(first.message_id, body(first.events));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('that is refused leaves nothing behind', async () => {
    const model = await ScriptedModel.start();
    const other = await startTestApp({ ...model.env, QUEUE_MAX_PER_CHAT: '1' });
    const database = await openDatabase(other);
    try {
      const own = new Client(other.url);
      const chat = await own.newChat();
      const first = await own.send(chat, 'First');
      (await model.next('First')).text('Yes.').finish();
      const events = await own.ended(first);
      await own.send(chat, 'Busy');
      const busy = await model.next('Busy');
      const body = { after: events[1]?.id };
      const refused = await own.post(`/api/messages/${first.message_id}/fork`, body);
      expect(refused).toMatchObject({ status: 429, body: { code: 'chat_queue_full' } });
      const ids = await database.connection.collection('message_events').distinct('_id.m');
      expect(ids).toHaveLength(2);
      busy.text('Done.').finish();
    } finally {
      await database.close();
      await other.destroy();
      await model.stop();
    }
  });
});
