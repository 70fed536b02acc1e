import { Types } from 'mongoose';
import { openDatabase, type Answer, type Created, type Database } from '../support/client.js';
import { setStage, type Stage } from './setup.js';

/** Edits, retries and explicit parents: each begins a branch, and a model is given its own branch alone. */
describe('the branches of a chat', () => {
  let stage: Stage;
  let database: Database;
  let chat: string;

  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0' });
    database = await openDatabase(stage.app);
  });
  afterAll(async () => {
    await database.close();
    await stage.close();
  });
  beforeEach(async () => {
    chat = await stage.client.newChat();
  });

  /** Has the run answered with the question in capitals. @returns what the model was given, without the instructions. */
  const answer = async (created: Created, text: string): Promise<string[]> => {
    const asked = await stage.model.next();
    asked.text(text).finish();
    await stage.client.ended(created);
    return asked.messages.slice(1).map(({ content }) => content ?? '');
  };
  const ask = async (content: string, more: object = {}): Promise<[string, string[]]> => {
    const created = await stage.client.send(chat, content, more);
    return [created.message_id, await answer(created, content.toUpperCase())];
  };
  const retry = async (id: string, text: string): Promise<[string, string[]]> => {
    const { body } = await stage.client.post(`/api/messages/${id}/retry`);
    return [body.message_id, await answer(body as Created, text)];
  };
  const links = async (id: string): Promise<unknown[]> => {
    const { parent_message_id, versions } = await stage.client.message(id);
    return [parent_message_id, versions?.index, versions?.ids];
  };
  const replyTo = async (id: string): Promise<string> =>
    (await stage.client.history(chat)).find(({ metadata }) => metadata.reply_to === id).message_id;
  const refused = async (more: object): Promise<Answer> =>
    stage.client.post(`/api/chats/${chat}/messages`, { content: 'No.', ...more });

  it('an edit is followed by what comes next, and the old branch can be taken up again', async () => {
    const [one] = await ask('one');
    const [two] = await ask('two');
    const [three] = await ask('three');
    const [edit, seen] = await ask('zwei', { edit_of: two });
    expect(seen).toEqual(['one', 'ONE', 'zwei']);
    const [four, next] = await ask('four');
    expect(next).toEqual(['one', 'ONE', 'zwei', 'ZWEI', 'four']);
    const [five, back] = await ask('five', { parent_message_id: await replyTo(three) });
    expect(back).toEqual(['one', 'ONE', 'two', 'TWO', 'three', 'THREE', 'five']);
    const [six, on] = await ask('six');
    expect(on).toEqual([...back, 'FIVE', 'six']);
    const versions = [two, edit];
    expect(await Promise.all([one, two, three, edit, four, five, six].map(links))).toEqual([
      [null, undefined, undefined],
      [one, 0, versions],
      [two, undefined, undefined],
      [one, 1, versions],
      [edit, undefined, undefined],
      [three, undefined, undefined],
      [five, undefined, undefined],
    ]);
  });

  it('are told by the list as by each message, on whatever page', async () => {
    const [one] = await ask('one');
    const [two] = await ask('two');
    await retry(two, 'B2');
    await ask('won', { edit_of: one });
    await ask('three');
    for (const size of [1, 3, 100]) {
      const listed: any[] = [];
      for (let page = 1; listed.length < 10; page++) {
        const { body } = await stage.client.get(`/api/chats/${chat}/messages?page=${page}&page_size=${size}`);
        listed.push(...body.items);
        if (!body.has_more) break;
      }
      expect(listed).toHaveLength(10);
      for (const message of listed) {
        const { run: _, stream_url: __, ...alone } = await stage.client.message(message.message_id);
        expect(message).toEqual(alone);
      }
    }
  });

  it('retries and edits of versions are versions of the first', async () => {
    const [one] = await ask('one');
    const [again] = await retry(one, 'A2');
    const [edit] = await ask('won', { edit_of: again });
    const [third] = await retry(edit, 'A4');
    const ids = [one, again, edit, third];
    expect(await Promise.all(ids.map(links))).toEqual(ids.map((_, index) => [null, index, ids]));
    expect((await stage.client.message(again)).metadata).toEqual({ retry_of: one });
    expect((await stage.client.message(edit)).metadata).toEqual({});
  });

  it('a message after one that is followed already stands beside what follows it', async () => {
    const [one] = await ask('one');
    const [two] = await ask('two');
    const [other, seen] = await ask('other', { parent_message_id: one });
    expect(seen).toEqual(['one', 'ONE', 'other']);
    const [root, alone] = await ask('anew', { parent_message_id: null });
    expect(alone).toEqual(['anew']);
    expect(await Promise.all([two, other, one, root].map(links))).toEqual([
      [one, 0, [two, other]],
      [one, 1, [two, other]],
      [null, 0, [one, root]],
      [null, 1, [one, root]],
    ]);
  });

  it('naming the newest question changes nothing', async () => {
    const [one] = await ask('one');
    const [two] = await ask('two', { parent_message_id: one.toUpperCase() });
    const [, seen] = await ask('three');
    expect(seen).toEqual(['one', 'ONE', 'two', 'TWO', 'three']);
    expect(await links(two)).toEqual([one, undefined, undefined]);
  });

  it('a retry that failed does not take the answer away, an edit that failed keeps its words', async () => {
    const [one] = await ask('one');
    const fail = async (created: Created): Promise<void> => {
      (await stage.model.next()).fail(500);
      await stage.client.ended(created);
    };
    await fail((await stage.client.post(`/api/messages/${one}/retry`)).body as Created);
    expect((await ask('two'))[1]).toEqual(['one', 'ONE', 'two']);
    await fail(await stage.client.send(chat, 'won', { edit_of: one }));
    // A question without an answer is joined with the next one.
    expect((await ask('and?'))[1]).toEqual(['won\n\nand?']);
  });

  it('an edit of a question whose run goes on waits for it, and is not given its answer', async () => {
    const running = await stage.client.send(chat, 'one');
    const first = await stage.model.next();
    const edit = await stage.client.send(chat, 'won', { edit_of: running.message_id });
    const next = await stage.client.send(chat, 'two');
    first.text('ONE').finish();
    expect(await answer(edit, 'WON')).toEqual(['won']);
    expect(await answer(next, 'TWO')).toEqual(['won', 'WON', 'two']);
  });

  it.each<[string, (own: string, foreign: string) => object, number, string]>([
    ['a message of another chat', (_, foreign) => ({ parent_message_id: foreign }), 404, 'message_not_found'],
    ['to edit one', (_, foreign) => ({ edit_of: foreign }), 404, 'message_not_found'],
    ['no message', () => ({ edit_of: '0123456789abcdef01234567' }), 404, 'message_not_found'],
    ['both', (own) => ({ edit_of: own, parent_message_id: own }), 400, 'validation_failed'],
    [
      'both, one of them null',
      (own) => ({ edit_of: own, parent_message_id: null }),
      400,
      'validation_failed',
    ],
    ['no id', () => ({ edit_of: 'x' }), 400, 'validation_failed'],
    ['an object', () => ({ parent_message_id: { $ne: null } }), 400, 'validation_failed'],
  ])('%s: refused without a trace', async (_, more, status, code) => {
    const foreign = await stage.client.send(await stage.client.newChat('bob'), 'foreign');
    await answer(foreign, 'FOREIGN');
    const [own] = await ask('one');
    const before = await stage.client.history(chat);
    expect(await refused(more(own, foreign.message_id))).toMatchObject({ status, body: { code } });
    expect(await stage.client.history(chat)).toEqual(before);
    expect((await ask('two'))[1]).toEqual(['one', 'ONE', 'two']);
  });

  it('belong to what an idempotency key stands for', async () => {
    const [one] = await ask('one');
    const send = (more: object): Promise<Answer> =>
      stage.client.post(
        `/api/chats/${chat}/messages`,
        { content: 'won', ...more },
        { 'idempotency-key': `key-${chat}` },
      );
    const first = await send({ edit_of: one });
    await answer(first.body as Created, 'WON');
    expect((await send({ edit_of: one })).body).toEqual(first.body);
    expect(await send({})).toMatchObject({ status: 422 });
  });

  describe('of a version that knew none', () => {
    /** Questions of an earlier version, each answered with its capitals. */
    const store = async (questions: [content: string, retryOf?: number][]): Promise<string[]> => {
      const ids = questions.map(() => new Types.ObjectId());
      const start = Date.now() - 1_000_000;
      const shared = { tenant_id: 'default', chat_id: chat, user_id: 'alice', status: 'completed' };
      const messages = questions.flatMap(([content, retryOf], index) => {
        const at = (ms: number): Date => new Date(start + index * 10 + ms);
        const retry_of = retryOf === undefined ? {} : { retry_of: ids[retryOf]?.toHexString() };
        const run = {
          open: false,
          attempt: 1,
          handovers: 0,
          cancel_requested: false,
          queued_at: at(0),
          tool_calls: 0,
        };
        const _id = ids[index];
        return [
          { ...shared, _id, role: 'user', content, metadata: retry_of, created_at: at(0), run },
          {
            ...shared,
            role: 'assistant',
            content: content.toUpperCase(),
            metadata: { reply_to: _id?.toHexString() },
            created_at: at(5),
            reply_to: _id,
          },
        ];
      });
      await database.connection.collection('messages').insertMany(messages as object[]);
      const chats = database.connection.collection<{ _id: string }>('chats');
      await chats.updateOne({ _id: chat }, { $unset: { open_runs: 1, asked: 1, last_message_at: 1 } });
      return ids.map(String);
    };

    it('a retry takes the place of the first, and what followed stays', async () => {
      const [one, two, three, again] = await store([['one'], ['two'], ['three'], ['one', 0]]);
      const [four, seen] = await ask('four');
      expect(seen).toEqual(['one', 'ONE', 'two', 'TWO', 'three', 'THREE', 'four']);
      expect(await Promise.all([one, again, two, three, four].map((id) => links(id ?? '')))).toEqual([
        [null, 0, [one, again]],
        [undefined, 1, [one, again]],
        [one, undefined, undefined],
        [two, undefined, undefined],
        [three, undefined, undefined],
      ]);
    });

    it('a new edit begins a branch in the same place', async () => {
      const [one, , again] = await store([['one'], ['two'], ['one', 0]]);
      const [edit, seen] = await ask('won', { edit_of: again });
      expect(seen).toEqual(['won']);
      expect((await ask('three'))[1]).toEqual(['won', 'WON', 'three']);
      expect(await links(edit)).toEqual([null, 2, [one, again, edit]]);
    });

    it('a long chat is followed back along its branch', async () => {
      const ids = await store(Array.from({ length: 100 }, (_, index) => [`q${index}`]));
      const [edit, seen] = await ask('edit', { edit_of: ids[50] });
      expect(seen.slice(-3)).toEqual(['q49', 'Q49', 'edit']);
      expect(seen).toHaveLength(41);
      const [, next] = await ask('next');
      expect(next.slice(-5)).toEqual(['q49', 'Q49', 'edit', 'EDIT', 'next']);
      const [, back] = await ask('back', { parent_message_id: ids[99] });
      expect(back.slice(-3)).toEqual(['q99', 'Q99', 'back']);
      expect(back[0]).toBe('q80');
      expect(await links(edit)).toEqual([ids[49], 1, [ids[50], edit]]);
    });
  });
});
