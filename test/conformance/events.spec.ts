import { EVENT_ID_PATTERN, eventSchemas, eventTypes, parseEvent, type StreamEvent } from '@reprise/protocol';
import { answerOf, type Created } from '../support/client.js';
import {
  expectWholeLog,
  ofType,
  PLAN,
  playRichRun,
  RICH_ANSWER,
  setStage,
  theOne,
  typesOf,
  type Stage,
} from './setup.js';

/** §2 of the contract. */
describe('events, version 1', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0' });
  });
  afterAll(() => stage.close());

  describe('of a rich run', () => {
    let created: Created;
    let events: StreamEvent[];
    beforeAll(async () => {
      const chat = await stage.client.newChat();
      created = await stage.client.send(chat, 'rich');
      await playRichRun(stage.model, 'rich');
      events = await stage.client.ended(created);
    });

    it('are valid by the protocol, count from 0 without gaps, and close with a single end', () => {
      expectWholeLog(events, created);
    });

    it('carry the whole envelope', async () => {
      const { chat_id } = await stage.client.message(created.message_id);
      for (const event of events) {
        expect(event).toMatchObject({ v: 1, message_id: created.message_id, chat_id });
        expect(event.id).toMatch(EVENT_ID_PATTERN);
        expect(event.id).toMatch(/^\d{13}_\d{4,}_[0-9a-f]{8}$/);
        expect(event.ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(Date.parse(event.ts)).toBe(Number(event.id.split('_')[0]));
      }
    });

    it('have no fields except those of the contract', () => {
      const envelope = ['v', 'type', 'id', 'ts', 'message_id', 'chat_id'];
      for (const event of events) {
        const known = Object.keys((eventSchemas[event.type] as unknown as { shape: object }).shape);
        expect(Object.keys(event).filter((field) => ![...envelope, ...known].includes(field))).toEqual([]);
      }
    });

    it('start with start', () => {
      expect(theOne(events, 'start')).toBe(events[0]);
      expect(events[0]).toMatchObject({ status: 'processing', agent: 'assistant', attempt: 1 });
    });

    it('show the plan as a whole list', () => {
      expect(theOne(events, 'plan').items).toEqual(PLAN);
    });

    it('show each piece of thinking', () => {
      expect(ofType(events, 'rationale').map(({ text }) => text)).toEqual([
        'First I think.',
        'Then I think again.',
      ]);
    });

    it('pair every tool_start with one later tool_end of the same call', () => {
      const starts = ofType(events, 'tool_start');
      const ends = ofType(events, 'tool_end');
      expect(starts.map(({ call_id, name }) => [call_id, name]).sort()).toEqual([
        ['plan_1', 'update_plan'],
        ['read_1', 'read_file'],
        ['write_1', 'write_file'],
      ]);
      expect(ends.map(({ call_id, name, status }) => [call_id, name, status]).sort()).toEqual([
        ['plan_1', 'update_plan', 'ok'],
        ['read_1', 'read_file', 'error'],
        ['write_1', 'write_file', 'ok'],
      ]);
      const codes = ends.flatMap(({ error_code, call_id }) => (error_code ? [[call_id, error_code]] : []));
      expect(codes).toEqual([['read_1', 'file_not_found']]);
      for (const start of starts) {
        const end = ends.find(({ call_id }) => call_id === start.call_id);
        expect(events.indexOf(end!)).toBeGreaterThan(events.indexOf(start));
      }
    });

    it('summarise arguments and results in one short line', () => {
      for (const text of [
        ...ofType(events, 'tool_start').map((event) => event.args_summary),
        ...ofType(events, 'tool_end').map((event) => event.result_summary),
      ]) {
        expect(text).not.toMatch(/[\r\n\u2028\u2029]/);
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(200);
      }
      expect(
        ofType(events, 'tool_start').find(({ call_id }) => call_id === 'read_1')?.args_summary,
      ).toContain('missing.md');
    });

    it('contain the answer: every md in order', () => {
      expect(answerOf(events)).toBe(RICH_ANSWER);
    });

    it('close with status, time, calls, usage over all turns, and model', () => {
      const end = theOne(events, 'end');
      expect(end).toMatchObject({
        status: 'completed',
        tool_calls: 3,
        usage: { prompt_tokens: 300, completion_tokens: 50, total_tokens: 350 },
        model: 'scripted',
      });
      const start = events[0]!;
      expect(Math.abs(end.ms_total - (Date.parse(end.ts) - Date.parse(start.ts)))).toBeLessThan(1000);
    });

    it('never change: an event read twice is the same', async () => {
      expect(await stage.client.replay(created.message_id)).toEqual(events);
    });
  });

  it('show an error, then end with status error, and nothing else after it', async () => {
    const failing = await stage.client.send(await stage.client.newChat(), 'refused');
    (await stage.model.next('refused')).fail(400);
    const events = await stage.client.ended(failing);
    expectWholeLog(events, failing);
    expect(typesOf(events)).toEqual(['start', 'error', 'end']);
    expect(theOne(events, 'error')).toMatchObject({ code: 'model_rejected', retryable: false });
    expect(theOne(events, 'error').error).not.toContain('scripted failure');
    expect(theOne(events, 'end')).toMatchObject({ status: 'error', tool_calls: 0, model: 'scripted' });
  });

  it('keep the text before an error', async () => {
    const created = await stage.client.send(await stage.client.newChat(), 'breaks');
    const answer = await stage.model.next('breaks');
    answer.text('I begin');
    const reader = await stage.client.stream(created);
    await reader.until('text came', ({ type }) => type === 'content');
    answer.cut();
    await reader.all();
    expectWholeLog(reader.events, created);
    expect(typesOf(reader.events)).toEqual(['start', 'content', 'error', 'end']);
    expect(answerOf(reader.events)).toBe('I begin');
    expect(theOne(reader.events, 'error')).toMatchObject({ code: 'model_stream_broken', retryable: true });
  });

  it('are ignored by a version 1 client if their type is new, and keep unknown fields', async () => {
    const chat = await stage.client.newChat();
    const created = await stage.client.send(chat, 'future');
    (await stage.model.next('future')).text('x').finish();
    const [start] = await stage.client.ended(created);
    expect(parseEvent({ ...start, type: 'hologram' })).toEqual({ kind: 'unknown', type: 'hologram' });
    expect(parseEvent({ ...start, mood: 'good' })).toEqual({
      kind: 'event',
      event: { ...start, mood: 'good' },
    });
    expect(eventTypes).not.toContain('hologram');
  });
});
