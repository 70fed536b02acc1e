import type { Created } from '../support/client.js';
import type { AskedMessage } from '../support/scripted-model.js';
import { setStage, type Stage } from './setup.js';

/** What the model gets of a chat in which questions failed, were stopped, and were asked again. */

describe('questions asked again', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0' });
  });
  afterAll(() => stage.close());

  /** One chat, played step by step. */
  class Chat {
    private constructor(private readonly id: string) {}

    static async open(): Promise<Chat> {
      return new Chat(await stage.client.newChat());
    }

    send = (content: string, more: object = {}): Promise<Created> =>
      stage.client.send(this.id, content, more);

    async retry({ message_id }: Created): Promise<Created> {
      const { status, body } = await stage.client.post(`/api/messages/${message_id}/retry`);
      expect(status).toBe(201);
      return body as Created;
    }

    /** Has the run of a message answered. @returns what the model was given, without the instructions. */
    async answer(created: Created, text: string): Promise<string[]> {
      const asked = await stage.model.next();
      asked.text(text).finish();
      await stage.client.ended(created);
      return told(asked.messages);
    }

    async ask(content: string, text: string, more: object = {}): Promise<[Created, string[]]> {
      const created = await this.send(content, more);
      return [created, await this.answer(created, text)];
    }

    async askAgain(of: Created, text: string): Promise<[Created, string[]]> {
      const created = await this.retry(of);
      return [created, await this.answer(created, text)];
    }

    /** A question whose run fails with an HTTP error of the model. */
    async fail(created: Created, status: number): Promise<Created> {
      (await stage.model.next()).fail(status);
      await stage.client.ended(created);
      return created;
    }

    /** A question that is stopped before anything was said. */
    async stop(created: Created): Promise<Created> {
      const asked = await stage.model.next();
      await stage.client.cancel(created.message_id);
      await stage.client.ended(created);
      await asked.hungUp;
      return created;
    }
  }

  const told = (messages: readonly AskedMessage[]): string[] => {
    const conversation = messages.filter(({ role }) => role !== 'system');
    const spoken = conversation.filter(({ role, content }) => role === 'user' || content !== null);
    // As strict chat templates require it, see docs/decisions.
    expect(spoken.map(({ role }) => role)).toEqual(
      spoken.map((_, i) => (i % 2 === 0 ? 'user' : 'assistant')),
    );
    return conversation.map(({ role, content }) => `${role}: ${content ?? ''}`);
  };

  it('the first one: the model sees the question once, and neither its old answer nor a note', async () => {
    const chat = await Chat.open();
    const [first] = await chat.ask('one', 'A1');
    const [again, seen] = await chat.askAgain(first, 'A2');
    expect(seen).toEqual(['user: one']);
    const [, third] = await chat.askAgain(again, 'A3');
    expect(third).toEqual(['user: one']);
    const [, next] = await chat.ask('two', 'B1');
    expect(next).toEqual(['user: one', 'assistant: A3', 'user: two']);
  });

  it('each version can be asked again: all take the place of the first', async () => {
    const chat = await Chat.open();
    const [first] = await chat.ask('one', 'A1');
    await chat.askAgain(first, 'A2');
    await chat.askAgain(first, 'A3'); // a fork, no chain
    const [, next] = await chat.ask('two', 'B1');
    expect(next).toEqual(['user: one', 'assistant: A3', 'user: two']);
  });

  it('in the middle: history is what comes before that place', async () => {
    const chat = await Chat.open();
    const [one] = await chat.ask('one', 'A1');
    const [two] = await chat.ask('two', 'B1');
    await chat.ask('three', 'C1');
    const [, seen] = await chat.askAgain(two, 'B2');
    expect(seen).toEqual(['user: one', 'assistant: A1', 'user: two']);
    const [, first] = await chat.askAgain(one, 'A2');
    expect(first).toEqual(['user: one']);
    // What followed the old version belongs to the old branch.
    const [, next] = await chat.ask('four', 'D1');
    expect(next).toEqual(['user: one', 'assistant: A2', 'user: four']);
    const [, middle] = await chat.askAgain(two, 'B3');
    expect(middle).toEqual(['user: one', 'assistant: A1', 'user: two']);
    const [, last] = await chat.ask('five', 'E1');
    expect(last).toEqual([...['user: one', 'assistant: A1', 'user: two', 'assistant: B3', 'user: five']]);
  });

  it('the version that counted when a question was asked is not the one that came later', async () => {
    const chat = await Chat.open();
    const [one] = await chat.ask('one', 'A1');
    const running = await chat.send('two');
    const answer = await stage.model.next();
    expect(told(answer.messages)).toEqual(['user: one', 'assistant: A1', 'user: two']);
    const queued = await chat.send('three');
    const again = await chat.retry(one);
    answer.text('B1').finish();
    await stage.client.ended(running);
    expect(await chat.answer(queued, 'C1')).toContain('assistant: A1');
    expect(await chat.answer(again, 'A2')).toEqual(['user: one']);
  });

  it('a version without an answer does not replace one that has one', async () => {
    const chat = await Chat.open();
    const [one] = await chat.ask('one', 'A1');
    await chat.fail(await chat.retry(one), 500);
    await chat.stop(await chat.retry(one));
    const [, next] = await chat.ask('two', 'B1');
    expect(next).toEqual(['user: one', 'assistant: A1', 'user: two']);
  });

  it('after a failure: once, and the failed versions do not count', async () => {
    const chat = await Chat.open();
    const failed = await chat.fail(await chat.send('one'), 500);
    const again = await chat.fail(await chat.retry(failed), 500);
    const [, seen] = await chat.askAgain(again, 'A3');
    expect(seen).toEqual(['user: one']);
    const [, next] = await chat.ask('two', 'B1');
    expect(next).toEqual(['user: one', 'assistant: A3', 'user: two']);
  });

  it('part of an answer that was stopped or interrupted counts as the answer', async () => {
    const chat = await Chat.open();
    const stopped = await chat.send('one');
    const asked = await stage.model.next();
    asked.text('Half of an ans');
    await (await stage.client.stream(stopped)).count(2);
    await stage.client.cancel(stopped.message_id);
    await stage.client.ended(stopped);
    const [, next] = await chat.ask('two', 'B1');
    expect(next).toEqual(['user: one', 'assistant: Half of an ans', 'user: two']);
  });

  describe('a question without any answer', () => {
    it.each([
      ['failed and may be asked again', (chat: Chat, of: Created) => chat.fail(of, 500)],
      ['was stopped', (chat: Chat, of: Created) => chat.stop(of)],
    ])('that %s is joined with the next message', async (_, end) => {
      const chat = await Chat.open();
      await chat.ask('one', 'A1');
      await end(chat, await chat.send('two'));
      await end(chat, await chat.send('three'));
      const [, next] = await chat.ask('try again', 'C1');
      expect(next).toEqual(['user: one', 'assistant: A1', 'user: two\n\nthree\n\ntry again']);
      const [, after] = await chat.ask('four', 'D1');
      expect(after).toEqual([
        ...['user: one', 'assistant: A1', 'user: two\n\nthree\n\ntry again', 'assistant: C1'],
        'user: four',
      ]);
    });

    it('that the provider rejects is left out, or it would spoil everything after it', async () => {
      const chat = await Chat.open();
      await chat.ask('one', 'A1');
      await chat.fail(await chat.send('refused'), 400);
      const [, next] = await chat.ask('two', 'B1');
      expect(next).toEqual(['user: one', 'assistant: A1', 'user: two']);
    });

    it('loses its tool calls', async () => {
      const chat = await Chat.open();
      const created = await chat.send('one');
      (await stage.model.next()).toolCall('list_files', {}).finish();
      await chat.fail(created, 500);
      const [, next] = await chat.ask('two', 'B1');
      expect(next).toEqual(['user: one\n\ntwo']);
    });
  });

  it.each([
    ['no id', 'nonsense'],
    ['nothing', ''],
    ['an object', { gt: 1 }],
    ['a number', 7],
    ['no message', '0123456789abcdef01234567'],
  ])('metadata.retry_of that is %s makes a separate question', async (_, retry_of) => {
    const chat = await Chat.open();
    await chat.ask('one', 'A1');
    const [, seen] = await chat.ask('two', 'B1', { metadata: { retry_of } });
    expect(seen).toEqual(['user: one', 'assistant: A1', 'user: two']);
    const [, next] = await chat.ask('three', 'C1');
    expect(next).toEqual(['user: one', 'assistant: A1', 'user: two', 'assistant: B1', 'user: three']);
  });

  it('metadata.retry_of that names a message of another chat takes nothing from there', async () => {
    const other = await Chat.open();
    const [foreign] = await other.ask('secret', 'S1');
    const chat = await Chat.open();
    await chat.ask('one', 'A1');
    const [, seen] = await chat.ask('two', 'B1', { metadata: { retry_of: foreign.message_id } });
    expect(seen).toEqual(['user: one', 'assistant: A1', 'user: two']);
    const [, theirs] = await other.ask('more', 'S2');
    expect(theirs).toEqual(['user: secret', 'assistant: S1', 'user: more']);
  });

  it('a different text with metadata.retry_of is an edit: it takes the place of the first', async () => {
    const chat = await Chat.open();
    const [one] = await chat.ask('one', 'A1');
    const [, seen] = await chat.ask('won', 'A2', { metadata: { retry_of: one.message_id } });
    expect(seen).toEqual(['user: won']);
    const [, next] = await chat.ask('two', 'B1');
    expect(next).toEqual(['user: won', 'assistant: A2', 'user: two']);
  });
});

describe('a window of a few messages', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ MODEL_RETRIES: '0', HISTORY_MAX_MESSAGES: '4' });
  });
  afterAll(() => stage.close());

  it('is not filled with versions, and contains no version whose place is further up', async () => {
    const chat = await stage.client.newChat();
    const finish = async (created: Created, text: string): Promise<(string | null)[]> => {
      const asked = await stage.model.next();
      asked.text(text).finish();
      await stage.client.ended(created);
      return asked.messages.slice(1).map(({ content }) => content);
    };
    const ask = async (content: string): Promise<Created> => {
      const created = await stage.client.send(chat, content);
      await finish(created, content.toUpperCase());
      return created;
    };
    const first = await ask('a');
    await ask('b');
    const third = await ask('c');
    for (const old of [first, third, third, third, first, third]) {
      const { body } = await stage.client.post(`/api/messages/${old.message_id}/retry`);
      await finish(body as Created, old === first ? 'A again' : 'C again');
    }
    expect(await finish(await stage.client.send(chat, 'd'), 'D')).toEqual(['b', 'B', 'c', 'C again', 'd']);
  });
});
