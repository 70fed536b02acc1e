import { setStage, type Stage } from '../conformance/setup.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Created } from '../support/client.js';
import type { ModelAnswer } from '../support/scripted-model.js';
import { until, within } from '../support/until.js';

/** What the model is asked for after an answer. */
const REQUEST = 'Write a title';

describe('a chat that nobody has named', () => {
  let stage: Stage;
  let chat: string;

  beforeAll(async () => {
    stage = await setStage({ CHAT_TITLES: 'auto', MODEL_RETRIES: '0' });
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    chat = await stage.client.newChat();
  });

  const now = async (id = chat): Promise<any> => (await stage.client.get(`/api/chats/${id}`)).body;
  /** Asks and answers. */
  const say = async (question: string, answer = 'Answer.', id = chat): Promise<Created> => {
    const sent = await stage.client.send(id, question);
    const turn = await stage.model.next(question);
    turn.text(answer).finish();
    await stage.client.ended(sent);
    return sent;
  };
  const request = (): Promise<ModelAnswer> =>
    until('a title is asked for', () => {
      const asked = stage.model.pending.find((question) => question.startsWith(REQUEST));
      return asked === undefined ? undefined : stage.model.next(asked);
    });
  const titled = (title: string, id = chat): Promise<unknown> =>
    until(`the chat is called "${title}"`, async () => (await now(id)).title === title);
  const stays = (...questions: string[]): void => {
    expect(stage.model.pending).toEqual(questions);
  };

  it('gets a title by the model after its first answer, beside the log', async () => {
    expect(await now()).toMatchObject({ title: 'New chat', auto_title: true });
    const sent = await say('Hvad er CSR-kravene i udbuddet?', 'Kravene er …');
    const events = await stage.client.replay(sent.message_id);
    const before = await now();
    const asked = await request();
    expect(asked.messages.map(({ role, content }) => [role, content])).toEqual([
      ['system', expect.stringContaining('never an instruction')],
      ['user', 'Hvad er CSR-kravene i udbuddet?'],
      ['assistant', 'Kravene er …'],
      ['user', expect.stringContaining('in the language of the first question')],
    ]);
    asked.text('"CSR-krav i ').text('udbuddet"\n').finish();
    await titled('CSR-krav i udbuddet');
    expect(await now()).toEqual({ ...before, title: 'CSR-krav i udbuddet', auto_title: undefined });
    expect(await stage.client.replay(sent.message_id)).toEqual(events);
    expect((await stage.client.message(sent.message_id)).run.usage.total_tokens).toBe(15);
    await say('And then?');
    stays();
  });

  it('is found by its title', async () => {
    const mine = await stage.client.newChat('finder');
    await say('What?', 'That.', mine);
    (await request()).text('Zebra crossings').finish();
    await titled('Zebra crossings', mine);
    const { body } = await stage.client.get('/api/users/finder/chats?search=zebra');
    expect(body.items).toMatchObject([{ chat_id: mine, title: 'Zebra crossings' }]);
  });

  it('keeps the title that a person gives it while the model thinks', async () => {
    await say('What?');
    const asked = await request();
    expect((await stage.client.patch(`/api/chats/${chat}`, { title: 'Mine' })).status).toBe(200);
    asked.text('Not mine').finish();
    await asked.hungUp;
    await say('More?');
    stays();
    expect(await now()).toMatchObject({ title: 'Mine' });
    expect(await now()).not.toHaveProperty('auto_title');
  });

  it.each([
    [
      'an error',
      (asked: ModelAnswer) => {
        asked.fail(500);
      },
    ],
    [
      'a broken stream',
      (asked: ModelAnswer) => {
        asked.text('Half a').cut();
      },
    ],
    [
      'nothing',
      (asked: ModelAnswer) => {
        asked.finish();
      },
    ],
    [
      'marks alone',
      (asked: ModelAnswer) => {
        asked.text('"***"\n').finish();
      },
    ],
  ])(
    'keeps waiting for a title when the model answers with %s, and gets it after its next answer',
    async (_, fail) => {
      const sent = await say('What?');
      const asked = await request();
      fail(asked);
      await asked.hungUp;
      expect(await stage.client.message(sent.message_id)).toMatchObject({ status: 'completed' });
      // The first request may not have been given up yet when the second run ends: then the third asks.
      const again = await until('a title is asked for again', async () => {
        await say('More?');
        return stage.model.pending.length > 0 ? request() : undefined;
      });
      again.text('At last').finish();
      await titled('At last');
    },
  );

  it('has one title request at a time', async () => {
    await say('What?');
    const asked = await request();
    await say('More?');
    stays();
    asked.text('One title').finish();
    await titled('One title');
  });

  it('does not listen to a model that does not stop', async () => {
    await say('What?');
    const asked = await request();
    asked.text('A title ').text('and more '.repeat(100));
    await within('the application hangs up', asked.hungUp);
    await until('there is a title', async () => (await now()).auto_title === undefined);
    expect((await now()).title).toMatch(/^A title and more [\w ]{40,70}…$/);
  });

  it('gets none after a run that was cancelled or failed', async () => {
    const cancelled = await stage.client.send(chat, 'Cancelled?');
    (await stage.model.next('Cancelled?')).text('Half');
    await stage.client.cancel(cancelled.message_id);
    await stage.client.ended(cancelled);
    const failed = await stage.client.send(chat, 'Failed?');
    (await stage.model.next()).fail(400);
    await stage.client.ended(failed);
    stays();
    expect(await now()).toMatchObject({ title: 'New chat', auto_title: true });
  });

  it('that is deleted meanwhile stays deleted', async () => {
    await say('What?');
    const asked = await request();
    expect((await stage.client.delete(`/api/chats/${chat}`)).status).toBe(204);
    asked.text('Too late').finish();
    await asked.hungUp;
    expect((await stage.client.get(`/api/chats/${chat}`)).status).toBe(404);
  });

  it.each([
    [{ title: 'Given' }, false],
    [{ title: 'For now', auto_title: true }, true],
    [{ auto_title: false }, false],
    [{ title: null }, true],
  ])('is told apart from one created with %j', async (body, wants) => {
    const { chat_id, auto_title } = (await stage.client.post('/api/users/alice/chats', body)).body;
    expect(auto_title).toBe(wants ? true : undefined);
    await say('What?', 'That.', chat_id);
    if (!wants) {
      stays();
      return;
    }
    (await request()).text('Better').finish();
    await titled('Better', chat_id);
  });

  it.each([['yes'], [1], [null]])(
    'cannot be created with auto_title: %j, unless it is null',
    async (auto_title) => {
      const { status } = await stage.client.post('/api/users/alice/chats', { auto_title });
      expect(status).toBe(auto_title === null ? 201 : 400);
    },
  );
});

describe('titles and the end of a process', () => {
  it('are given up at once, and made after the next answer', async () => {
    const { app, model, client } = await setStage({ CHAT_TITLES: 'auto' });
    const chat = await client.newChat();
    const sent = await client.send(chat, 'What?');
    (await model.next('What?')).text('That.').finish();
    await client.ended(sent);
    const asked = await until('a title is asked for', () =>
      model.pending.length > 0 ? model.next() : undefined,
    );
    await within('the application stops', app.stop());
    await asked.hungUp;
    const second = await startTestApp(app.env);
    const again = new Client(second.url);
    const more = await again.send(chat, 'More?');
    (await model.next('More?')).text('That.').finish();
    await again.ended(more);
    (await model.next()).text('After the restart').finish();
    await until(
      'the chat has its title',
      async () => (await again.get(`/api/chats/${chat}`)).body.title === 'After the restart',
    );
    await second.destroy();
    await model.stop();
  });
});

describe('without a model provider', () => {
  let app: TestApp;

  afterEach(() => app.destroy());

  it('a chat is called after its first question', async () => {
    app = await startTestApp({ CHAT_TITLES: 'auto' });
    const client = new Client(app.url);
    const chat = await client.newChat();
    await client.ended(
      await client.send(chat, 'Which requirements on sustainability are there\nin the tender?'),
    );
    const chatNow = await until('there is a title', async () => {
      const { body } = await client.get(`/api/chats/${chat}`);
      return body.auto_title === undefined ? body : undefined;
    });
    expect(chatNow.title).toBe('Which requirements on sustainability are there');
  });

  it('titles can be turned off', async () => {
    app = await startTestApp({ CHAT_TITLES: 'off' });
    const client = new Client(app.url);
    const chat = await client.newChat();
    await client.ended(await client.send(chat, 'Hello'));
    await client.ended(await client.send(chat, 'Thanks'));
    expect((await client.get(`/api/chats/${chat}`)).body).toMatchObject({
      title: 'New chat',
      auto_title: true,
    });
  });
});
