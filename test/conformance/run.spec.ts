import { setTimeout as delay } from 'node:timers/promises';
import { answerOf, openDatabase, type Answer, type Created, type Database } from '../support/client.js';
import type { ModelAnswer } from '../support/scripted-model.js';
import { until, within } from '../support/until.js';
import { expectWholeLog, setStage, theOne, typesOf, type Stage } from './setup.js';

/** §4 of the contract. What survives the death of a process is in `test/resilience`. */
describe('the run', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0' });
  });
  afterAll(() => stage.close());

  const { next, newChat, send, statusOf } = {
    next: (question: string): Promise<ModelAnswer> => stage.model.next(question),
    newChat: (): Promise<string> => stage.client.newChat(),
    send: (chat: string, content: string, more = {}): Promise<Created> =>
      stage.client.send(chat, content, more),
    statusOf: async (of: Created): Promise<string> =>
      ((await stage.client.message(of.message_id)) as { status: string }).status,
  };

  /** A run that has streamed some text and is still active. */
  const openRun = async (
    chat: string,
    question: string,
  ): Promise<{ created: Created; answer: ModelAnswer }> => {
    const created = await send(chat, question);
    const answer = (await next(question)).text('So far. ');
    const reader = await stage.client.stream(created);
    await reader.until('text came', ({ type }) => type === 'content');
    await reader.close();
    return { created, answer };
  };

  it('goes from pending through processing to completed', async () => {
    const chat = await newChat();
    const blocker = await openRun(chat, 'blocker');
    const created = await send(chat, 'stages');
    expect((await stage.client.message(created.message_id)).run).toMatchObject({
      status: 'pending',
      attempt: 0,
      started_at: null,
      ended_at: null,
    });
    blocker.answer.finish();
    const answer = await next('stages');
    expect((await stage.client.message(created.message_id)).run).toMatchObject({
      status: 'processing',
      attempt: 1,
      ended_at: null,
    });
    answer.text('done').finish();
    await stage.client.ended(created);
    const { run } = await stage.client.message(created.message_id);
    expect(run).toMatchObject({ status: 'completed', attempt: 1, error: null });
    expect(Date.parse(run.queued_at)).toBeLessThanOrEqual(Date.parse(run.started_at));
    expect(Date.parse(run.started_at)).toBeLessThanOrEqual(Date.parse(run.ended_at));
  });

  it('starts on POST and ends without any client', async () => {
    const chat = await newChat();
    const created = await send(chat, 'unseen');
    (await next('unseen')).text('The answer.').finish();
    await until('the run ends', async () => (await statusOf(created)) === 'completed');
    expect((await stage.client.history(chat)).map(({ role, content }) => [role, content])).toEqual([
      ['user', 'unseen'],
      ['assistant', 'The answer.'],
    ]);
  });

  it('executes one at a time in a chat, first come first served', async () => {
    const chat = await newChat();
    const questions = ['one', 'two', 'three', 'four', 'five', 'six'];
    const created: Created[] = [];
    for (const question of questions) created.push(await send(chat, question));
    for (const [index, question] of questions.entries()) {
      const answer = await stage.model.next();
      expect(answer.question).toBe(question);
      const statuses = await Promise.all(created.map(statusOf));
      expect(statuses).toEqual(
        questions.map((_, i) => (i < index ? 'completed' : i === index ? 'processing' : 'pending')),
      );
      expect(stage.model.pending).toEqual([]);
      answer.text(`Answer ${index}`).finish();
      await stage.client.ended(created[index]!);
    }
    const answers = (await stage.client.history(chat)).filter(({ role }) => role === 'assistant');
    expect(answers.map(({ metadata }) => metadata.reply_to)).toEqual(
      created.map(({ message_id }) => message_id),
    );
  });

  it('shows the model what was said before', async () => {
    const chat = await newChat();
    const first = await send(chat, 'my name is Ada');
    (await next('my name is Ada')).text('Hello Ada').finish();
    await stage.client.ended(first);
    const second = await send(chat, 'who am I?');
    const answer = await next('who am I?');
    expect(answer.messages.slice(1).map(({ role, content }) => [role, content])).toEqual([
      ['user', 'my name is Ada'],
      ['assistant', 'Hello Ada'],
      ['user', 'who am I?'],
    ]);
    answer.text('Ada').finish();
    await stage.client.ended(second);
  });

  it('executes in parallel in different chats', async () => {
    const chats = await Promise.all([newChat(), newChat(), newChat()]);
    const created = await Promise.all(chats.map((chat, index) => send(chat, `parallel ${index}`)));
    const answers = await Promise.all(chats.map((_, index) => next(`parallel ${index}`)));
    expect(await Promise.all(created.map(statusOf))).toEqual(['processing', 'processing', 'processing']);
    for (const answer of answers) answer.text('x').finish();
    await Promise.all(created.map((of) => stage.client.ended(of)));
  });

  describe('in a busy chat', () => {
    it('queues with on_busy: queue, which is the default', async () => {
      const chat = await newChat();
      const busy = await openRun(chat, 'busy');
      const queued = await Promise.all([send(chat, 'waits'), send(chat, 'waits too', { on_busy: 'queue' })]);
      expect(await Promise.all(queued.map(statusOf))).toEqual(['pending', 'pending']);
      expect(await statusOf(busy.created)).toBe('processing');
      busy.answer.finish();
      for (const of of queued) {
        (await stage.model.next()).text('x').finish();
        await until('one more ends', async () => (await statusOf(of)) !== 'processing');
      }
      for (const of of queued) expect(theOne(await stage.client.ended(of), 'end').status).toBe('completed');
    });

    it('cancels the active one with on_busy: interrupt, and starts at once', async () => {
      const chat = await newChat();
      const busy = await openRun(chat, 'interrupted');
      const created = await send(chat, 'interrupts', { on_busy: 'interrupt' });
      await within('the model is left', busy.answer.hungUp);
      (await next('interrupts')).text('Now me.').finish();
      expect(answerOf(await stage.client.ended(created))).toBe('Now me.');
      const events = await stage.client.ended(busy.created);
      expectWholeLog(events, busy.created);
      expect(theOne(events, 'end').status).toBe('cancelled');
      expect(answerOf(events)).toBe('So far. ');
    });

    it('answers 409 chat_busy with on_busy: reject, and stores nothing', async () => {
      const chat = await newChat();
      const busy = await openRun(chat, 'rejecting');
      const body = { content: 'rejected', on_busy: 'reject' };
      const refused = await stage.client.post(`/api/chats/${chat}/messages`, body);
      expect(refused).toMatchObject({ status: 409, body: { code: 'chat_busy', retryable: true } });
      busy.answer.finish();
      await stage.client.ended(busy.created);
      expect((await stage.client.history(chat)).map(({ content }) => content)).toEqual([
        'rejecting',
        'So far. ',
      ]);
      const accepted = await send(chat, 'accepted', { on_busy: 'reject' });
      (await next('accepted')).text('x').finish();
      await stage.client.ended(accepted);
    });

    it('never runs two that arrived at once with on_busy: reject', async () => {
      for (let round = 0; round < 10; round++) {
        const chat = await newChat();
        const body = { content: `race ${round}`, on_busy: 'reject' };
        const answers = await Promise.all(
          Array.from({ length: 4 }, () => stage.client.post(`/api/chats/${chat}/messages`, body)),
        );
        const taken = answers.filter(({ status }) => status === 201);
        expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
        expect(taken.length).toBeLessThanOrEqual(1);
        expect((await stage.client.history(chat)).filter(({ role }) => role === 'user')).toHaveLength(
          taken.length,
        );
        for (const { body: created } of taken) {
          (await next(`race ${round}`)).text('x').finish();
          await stage.client.ended(created as Created);
        }
        expect(stage.model.pending).toEqual([]);
      }
    });

    it('lets one win of two that arrived at once with on_busy: reject', async () => {
      const winners: number[] = [];
      for (let round = 0; round < 5; round++) {
        const chat = await newChat();
        const body = { content: `one of two ${round}`, on_busy: 'reject' };
        const answers = await Promise.all(
          [1, 2].map(() => stage.client.post(`/api/chats/${chat}/messages`, body)),
        );
        const taken = answers.filter(({ status }) => status === 201);
        for (const { body: created } of taken) {
          (await next(`one of two ${round}`)).text('x').finish();
          await stage.client.ended(created as Created);
        }
        winners.push(taken.length);
      }
      expect(winners).toEqual([1, 1, 1, 1, 1]);
    });

    it('rejects duplicates with one Idempotency-Key and on_busy: reject alike, never with the id of a message that does not exist', async () => {
      const chat = await newChat();
      const busy = await openRun(chat, 'busy for duplicates');
      const body = { content: 'refused twice', on_busy: 'reject' };
      const key = { 'idempotency-key': 'twice' };
      const post = (): Promise<Answer> => stage.client.post(`/api/chats/${chat}/messages`, body, key);
      const answers = await Promise.all(Array.from({ length: 5 }, post));
      busy.answer.finish();
      await stage.client.ended(busy.created);
      expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 409, 409]);
    });
  });

  describe('with an Idempotency-Key', () => {
    const post = (chat: string, key: string, body: object): Promise<Answer> =>
      stage.client.post(`/api/chats/${chat}/messages`, body, { 'idempotency-key': key });
    const questionsIn = async (chat: string): Promise<unknown[]> =>
      (await stage.client.history(chat)).filter(({ role }) => role === 'user');

    it('returns the same 201 again for the same key and body, while it runs and after', async () => {
      const chat = await newChat();
      const body = { content: 'same', metadata: { a: 1 } };
      const first = await post(chat, 'k1', body);
      expect(first.status).toBe(201);
      const answer = await next('same');
      const during = await post(chat, 'k1', body);
      answer.text('x').finish();
      await stage.client.ended(first.body);
      const after = await post(chat, 'k1', body);
      expect([during.status, after.status]).toEqual([201, 201]);
      expect([during.body, after.body]).toEqual([first.body, first.body]);
      expect(await questionsIn(chat)).toHaveLength(1);
      expect(stage.model.pending).toEqual([]);
    });

    it.each([
      ['content', { content: 'other', metadata: { a: 1 } }],
      ['metadata', { content: 'keyed', metadata: { a: 2 } }],
      ['on_busy', { content: 'keyed', metadata: { a: 1 }, on_busy: 'reject' }],
    ])('rejects the same key with a different %s: 422', async (_, other) => {
      const chat = await newChat();
      const first = await post(chat, 'k2', { content: 'keyed', metadata: { a: 1 } });
      (await next('keyed')).text('x').finish();
      await stage.client.ended(first.body);
      const refused = await post(chat, 'k2', other);
      expect(refused).toMatchObject({
        status: 422,
        body: { code: 'idempotency_key_reused', retryable: false },
      });
      expect(await questionsIn(chat)).toHaveLength(1);
    });

    it('creates one message from concurrent duplicates', async () => {
      const chat = await newChat();
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => post(chat, 'k3', { content: 'at once' })),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
      expect(new Set(answers.map(({ body }) => body.message_id)).size).toBe(1);
      expect(await questionsIn(chat)).toHaveLength(1);
      (await next('at once')).text('x').finish();
      await stage.client.ended(answers[0]!.body);
      expect(stage.model.pending).toEqual([]);
    });

    it('creates two messages for two keys, and for the same key in two chats', async () => {
      const [one, two] = [await newChat(), await newChat()];
      const answers = await Promise.all([
        post(one, 'k4', { content: 'two keys' }),
        post(one, 'k5', { content: 'two keys' }),
        post(two, 'k4', { content: 'two keys' }),
      ]);
      expect(new Set(answers.map(({ body }) => body.message_id)).size).toBe(3);
      for (const _ of answers) (await next('two keys')).text('x').finish();
      await Promise.all(answers.map(({ body }) => stage.client.ended(body)));
    });

    it.each(['', 'a'.repeat(256), 'has space', 'has\ttab'])('rejects the key %j: 400', async (key) => {
      const answer = await post(await newChat(), key, { content: 'x' });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_idempotency_key' } });
    });
  });

  describe('when cancelled', () => {
    it('while processing: what was streamed is kept, the log ends with cancelled, the answer is saved', async () => {
      const chat = await newChat();
      const { created, answer } = await openRun(chat, 'cancel me');
      const viewer = await stage.client.stream(created);
      const { status, body } = await stage.client.cancel(created.message_id);
      expect({ status, body }).toEqual({
        status: 202,
        body: { message_id: created.message_id, status: 'processing' },
      });
      await within('the model is left', answer.hungUp);
      await viewer.all();
      expectWholeLog(viewer.events, created);
      expect(typesOf(viewer.events)).toEqual(['start', 'content', 'end']);
      expect(theOne(viewer.events, 'end').status).toBe('cancelled');
      expect(await stage.client.message(created.message_id)).toMatchObject({
        status: 'cancelled',
        run: { status: 'cancelled', error: null },
      });
      const [, saved] = await stage.client.history(chat);
      expect(saved).toMatchObject({ role: 'assistant', content: 'So far. ', status: 'cancelled' });
    });

    it('in a later model turn: what the previous turns have used is counted', async () => {
      const chat = await newChat();
      const created = await send(chat, 'cancel my second turn');
      (await next('cancel my second turn')).toolCall('list_files', {}).finish();
      (await next('cancel my second turn')).text('So ');
      const viewer = await stage.client.stream(created);
      await viewer.until('the second turn speaks', ({ type }) => type === 'content');
      await stage.client.cancel(created.message_id);
      const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
      await viewer.all();
      expect(theOne(viewer.events, 'end')).toMatchObject({ status: 'cancelled', usage });
    });

    it('while pending: it never runs, and its log ends', async () => {
      const chat = await newChat();
      const blocker = await openRun(chat, 'blocks');
      const created = await send(chat, 'never runs');
      const viewer = await stage.client.stream(created);
      expect((await stage.client.cancel(created.message_id)).body).toMatchObject({ status: 'pending' });
      await viewer.all();
      expectWholeLog(viewer.events, created);
      expect(theOne(viewer.events, 'end')).toMatchObject({ status: 'cancelled', tool_calls: 0 });
      expect(await statusOf(created)).toBe('cancelled');
      expect(await statusOf(blocker.created)).toBe('processing');
      blocker.answer.finish();
      await stage.client.ended(blocker.created);
      const following = await send(chat, 'follows');
      (await next('follows')).text('x').finish();
      await stage.client.ended(following);
      expect(stage.model.pending).toEqual([]);
    });

    it('twice, or after its end: 202, and nothing changes', async () => {
      const chat = await newChat();
      const { created } = await openRun(chat, 'cancel twice');
      const answers = await Promise.all([
        stage.client.cancel(created.message_id),
        stage.client.cancel(created.message_id),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([202, 202]);
      const events = await stage.client.ended(created);
      expectWholeLog(events, created);
      const late = await stage.client.cancel(created.message_id);
      expect(late).toMatchObject({ status: 202, body: { status: 'cancelled' } });
      expect(await stage.client.replay(created.message_id)).toEqual(events);
    });

    it('allows the next run of the chat to start', async () => {
      const chat = await newChat();
      const { created } = await openRun(chat, 'makes way');
      const waiting = await send(chat, 'moves up');
      await stage.client.cancel(created.message_id);
      (await next('moves up')).text('Here.').finish();
      expect(answerOf(await stage.client.ended(waiting))).toBe('Here.');
    });
  });

  it('has saved its answer and its final status when end is visible', async () => {
    const chat = await newChat();
    for (let i = 0; i < 10; i++) {
      const created = await send(chat, `final ${i}`);
      const reader = await stage.client.stream(created);
      (await next(`final ${i}`)).text(`Answer ${i}`).finish();
      const end = await reader.until('the run ends', ({ type }) => type === 'end');
      const [message, history] = await Promise.all([
        stage.client.message(created.message_id),
        stage.client.history(chat),
      ]);
      expect(message).toMatchObject({
        status: 'completed',
        run: {
          status: 'completed',
          usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
          model: 'scripted',
        },
      });
      expect(message.processing_time_ms).toBe(end.type === 'end' && end.ms_total);
      // Not a coincidence: both were stored before the event was emitted.
      expect(Date.parse(message.run.ended_at)).toBeLessThanOrEqual(Date.parse(end.ts));
      expect(Date.parse(history.at(-1).created_at)).toBeLessThanOrEqual(Date.parse(end.ts));
      expect(history.at(-1)).toMatchObject({
        role: 'assistant',
        content: `Answer ${i}`,
        status: 'completed',
        metadata: { reply_to: created.message_id },
      });
    }
  });

  it('accepts the next message of its chat as soon as end is visible', async () => {
    const chat = await newChat();
    for (let i = 0; i < 10; i++) {
      const created = await send(chat, `quick ${i}`, { on_busy: 'reject' });
      const reader = await stage.client.stream(created);
      (await next(`quick ${i}`)).text('x').finish();
      await reader.until('the run ends', ({ type }) => type === 'end');
    }
    expect(await stage.client.history(chat)).toHaveLength(20);
  });

  it('ends with error when the provider fails permanently, and keeps the text', async () => {
    const chat = await newChat();
    const { created, answer } = await openRun(chat, 'fails');
    answer.cut();
    const events = await stage.client.ended(created);
    expect(typesOf(events)).toEqual(['start', 'content', 'error', 'end']);
    const failure = theOne(events, 'error');
    const { error, code, retryable } = failure;
    expect(await stage.client.message(created.message_id)).toMatchObject({
      status: 'error',
      error,
      run: { status: 'error', error: { error, code, retryable } },
    });
    const [, saved] = await stage.client.history(chat);
    expect(saved).toMatchObject({ content: 'So far. ', status: 'error', error });
  });

  it('is stopped when its chat is deleted: the stream closes, nothing is left behind', async () => {
    const chat = await newChat();
    const { created, answer } = await openRun(chat, 'deleted');
    const waiting = await send(chat, 'deleted, too');
    const viewers = await Promise.all([created, waiting].map((of) => stage.client.stream(of)));
    await viewers[0]!.count(2);
    expect((await stage.client.delete(`/api/chats/${chat}`)).status).toBe(204);
    await Promise.all(viewers.map((viewer) => within('the stream closes', viewer.ended)));
    answer.text('Too late.');
    await within('the model is left', answer.hungUp, 3000);
    for (const viewer of viewers) expect(viewer.events.filter(({ type }) => type === 'end')).toEqual([]);
    await until('no run is active', async () => (await stage.client.metric('reprise_active_runs')) === 0);
    for (const { message_id, stream_url } of [created, waiting]) {
      expect((await stage.client.get(`/api/messages/${message_id}`)).status).toBe(404);
      expect((await stage.client.get(stream_url)).status).toBe(404);
    }
    const { connection, close } = await openDatabase(stage.app);
    const left = await Promise.all(
      ['messages', 'message_events', 'tool_calls'].map((name) =>
        connection.collection(name).countDocuments({ chat_id: chat }),
      ),
    );
    await close();
    expect(left).toEqual([0, 0, 0]);
    expect(stage.model.pending).toEqual([]);
  });
});

describe('the run within limits', () => {
  const TIMEOUT_MS = 600;
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ RUN_CONCURRENCY: '2', RUN_TIMEOUT_MS: String(TIMEOUT_MS), RUN_LEASE_MS: '600' });
  });
  afterAll(() => stage.close());

  it('ends with run_timeout after RUN_TIMEOUT_MS, keeps the text and frees the chat', async () => {
    const chat = await stage.client.newChat();
    const created = await stage.client.send(chat, 'too long');
    const answer = (await stage.model.next('too long')).text('Some text.');
    const events = await stage.client.ended(created);
    await within('the model is left', answer.hungUp);
    expectWholeLog(events, created);
    expect(typesOf(events)).toEqual(['start', 'content', 'error', 'end']);
    expect(theOne(events, 'error')).toMatchObject({ code: 'run_timeout', retryable: true });
    const end = theOne(events, 'end');
    expect(end.status).toBe('error');
    expect(end.ms_total).toBeGreaterThanOrEqual(TIMEOUT_MS - 20);
    expect((await stage.client.history(chat))[1]).toMatchObject({ content: 'Some text.', status: 'error' });
    const following = await stage.client.send(chat, 'goes on');
    (await stage.model.next('goes on')).text('x').finish();
    await stage.client.ended(following);
  });

  it('never executes more than RUN_CONCURRENCY at a time, and gets through all of them', async () => {
    const chats = await Promise.all(Array.from({ length: 6 }, () => stage.client.newChat()));
    const created = await Promise.all(chats.map((chat, index) => stage.client.send(chat, `crowd ${index}`)));
    let running = [await stage.model.next(), await stage.model.next()];
    for (let answered = 0; answered < 6; answered += 2) {
      // Two are active; a third would have been seen here, as nothing else holds it back.
      await delay(30);
      expect(stage.model.pending).toEqual([]);
      const statuses = (await Promise.all(created.map((of) => stage.client.message(of.message_id)))).map(
        ({ status }) => status as string,
      );
      expect(statuses.filter((status) => status === 'processing')).toHaveLength(2);
      for (const answer of running) answer.text('x').finish();
      if (answered < 4) running = [await stage.model.next(), await stage.model.next()];
    }
    for (const of of created) expect(theOne(await stage.client.ended(of), 'end').status).toBe('completed');
  });
});

describe('the run of a chat that is being deleted', () => {
  let stage: Stage;
  let database: Database;
  beforeAll(async () => {
    stage = await setStage({ RUN_LEASE_MS: '2000' });
    database = await openDatabase(stage.app);
  });
  afterAll(async () => {
    await database.close();
    await stage.close();
  });

  it('leaves nothing behind if it has only just started', async () => {
    const chats = await Promise.all(Array.from({ length: 30 }, () => stage.client.newChat()));
    await Promise.all(
      chats.map(async (chat, index) => {
        await stage.client.send(chat, 'short life');
        // The run starts meanwhile: each deletion meets it at a different step.
        await delay(index % 10);
        expect((await stage.client.delete(`/api/chats/${chat}`)).status).toBe(204);
      }),
    );
    await until('no run is active', async () => (await stage.client.metric('reprise_active_runs')) === 0);
    const left = await Promise.all(
      ['messages', 'message_events', 'tool_calls'].map((name) =>
        database.connection.collection(name).countDocuments({ chat_id: { $in: chats } }),
      ),
    );
    expect(left).toEqual([0, 0, 0]);
  });

  it('leaves nothing behind if messages arrive meanwhile', async () => {
    const { connection } = database;
    const chats: string[] = [];
    const left = (name: string): Promise<number> =>
      connection.collection(name).countDocuments({ chat_id: { $in: chats } });
    for (let round = 0; round < 4; round++) {
      const chat = await stage.client.newChat();
      chats.push(chat);
      const deletion = stage.client.delete(`/api/chats/${chat}`);
      const posts: Promise<Answer>[] = [];
      for (let i = 0; i < 15; i++) {
        posts.push(stage.client.post(`/api/chats/${chat}/messages`, { content: 'too late' }));
        await delay(1);
      }
      expect((await deletion).status).toBe(204);
      await Promise.all(posts);
    }
    expect(await left('messages')).toBe(0);
    await until('no run is active', async () => (await stage.client.metric('reprise_active_runs')) === 0);
    expect(await left('message_events')).toBe(0);
  });
});
