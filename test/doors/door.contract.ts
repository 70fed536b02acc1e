import { playRichRun, setStage, type Stage } from '../conformance/setup.js';
import type { Created } from '../support/client.js';
import { RawStream } from '../support/raw-stream.js';

/** A message that was sent, with its content as the idempotency key. */
export interface Asked extends Created {
  chat_id: string;
  content: string;
}

/** A way to watch the run of a message, as its clients do. */
export interface Door {
  name: string;
  /**
   * Opens the stream of a run, after an event if one is named. A door that creates the message itself repeats the
   * request that did: the same content with the same key is the same message.
   */
  open(stage: Stage, run: Asked, after?: string): Promise<RawStream>;
  /** What a client gets that has seen all; default: 204. */
  afterEnd?: number;
  /** Asks a question; default: in a chat, with the content as the idempotency key. */
  begin?(stage: Stage, content: string): Promise<Asked>;
}

const NO_CHAT = '00000000-0000-4000-8000-000000000000';
const NO_MESSAGE = '0123456789abcdef01234567';

/** What every streaming door must do, whatever its frames look like. */
export function describeDoor(door: Door): void {
  describe(`the door ${door.name}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await setStage();
    });
    afterAll(() => stage.close());

    const begin = async (content: string): Promise<Asked> => {
      if (door.begin) return door.begin(stage, content);
      const chat_id = await stage.client.newChat();
      const key = { 'idempotency-key': content };
      const { body } = await stage.client.post(`/api/chats/${chat_id}/messages`, { content }, key);
      return { ...(body as Created), chat_id, content };
    };
    const finished = async (question: string): Promise<Asked> => {
      const run = await begin(question);
      await playRichRun(stage.model, question);
      await stage.client.ended(run);
      return run;
    };
    const idsOf = async (run: Created): Promise<string[]> =>
      (await stage.client.replay(run.message_id)).map((event) => event.id);

    it('gives a late client the whole log, then closes cleanly', async () => {
      const run = await finished('late');
      const stream = await (await door.open(stage, run)).end();
      expect(stream.ids).toEqual(await idsOf(run));
      expect(stream.isComplete).toBe(true);
    });

    it('resumes after every event without gap or duplicate, and has nothing after the last', async () => {
      const run = await finished('resume');
      const ids = await idsOf(run);
      for (const [index, id] of ids.entries()) {
        const stream = await (await door.open(stage, run, id)).end();
        expect(stream.ids).toEqual(ids.slice(index + 1));
        expect(stream.status).toBe(index === ids.length - 1 ? (door.afterEnd ?? 204) : 200);
      }
    });

    it('shows two clients the same bytes while the run is active', async () => {
      const run = await begin('together');
      const both = await Promise.all([door.open(stage, run), door.open(stage, run)]);
      await playRichRun(stage.model, 'together');
      const [one, other] = await Promise.all(both.map((stream) => stream.end()));
      expect(one?.text).toBe(other?.text);
      expect(one?.ids).toEqual(await idsOf(run));
    });

    it('continues for a client that disconnected and came back, and ends when the run is cancelled', async () => {
      const run = await begin('cancel');
      const first = await door.open(stage, run);
      const answer = await stage.model.next('cancel');
      answer.text('The beginning of an answer. ').reasoning('A thought.\n\n');
      await first.count(2);
      first.hangUp();
      const seen = first.ids;
      const second = await door.open(stage, run, seen.at(-1));
      expect((await stage.client.cancel(run.message_id)).status).toBe(202);
      await second.end();
      expect([...seen, ...second.ids]).toEqual(await idsOf(run));
      expect(await stage.client.message(run.message_id)).toMatchObject({ status: 'cancelled' });
    });

    it('waits for a client that reads nothing, and slows nobody else', async () => {
      const run = await begin('slow');
      const [slow, quick] = [await door.open(stage, run), await door.open(stage, run)];
      slow.pause();
      const answer = await stage.model.next('slow');
      for (let i = 0; i < 200; i++) answer.reasoning(`${i} ${'thinking '.repeat(2000)}\n\n`);
      answer.text('done').finish();
      await quick.end();
      const ids = await idsOf(run);
      expect(quick.ids).toEqual(ids);
      expect(slow.ids.length).toBeLessThan(ids.length);
      slow.resume();
      expect((await slow.end()).ids).toEqual(ids);
    });

    it('answers 400 to an id of another message and 404 to a message that does not exist', async () => {
      const [run, other] = await Promise.all([finished('mine'), finished('theirs')]);
      const foreign = (await idsOf(other))[1];
      expect((await door.open(stage, run, foreign)).status).toBe(400);
      const unknown = {
        ...run,
        chat_id: NO_CHAT,
        message_id: NO_MESSAGE,
        stream_url: run.stream_url.replace(run.message_id, NO_MESSAGE),
      };
      expect((await door.open(stage, unknown)).status).toBe(404);
    });
  });
}
