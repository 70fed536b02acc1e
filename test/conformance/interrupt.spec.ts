import { RunControl } from '../../src/runs/index.js';
import { openDatabase, type Created } from '../support/client.js';
import type { ModelAnswer } from '../support/scripted-model.js';
import { within } from '../support/until.js';
import { expectWholeLog, setStage, theOne, type Stage } from './setup.js';

const INTERRUPT = { on_busy: 'interrupt' };

describe('PROTOCOL 3: a message that interrupts', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const send = (chat: string, question: string, more = {}): Promise<Created> =>
    stage.client.send(chat, question, more);
  const newChat = (): Promise<string> => stage.client.newChat();

  /** Unanswered questions are passed to the model together with the next one: the last of them is the current one. */
  const lastOf = (said: string): string => said.split('\n\n').at(-1)!;

  const next = (question: string): Promise<ModelAnswer> => stage.model.next(question);

  /** How runs ended, in the order given; each has its own complete log. */
  async function outcomes(runs: readonly Created[]): Promise<string[]> {
    const logs = await within('all runs end', Promise.all(runs.map((run) => stage.client.ended(run))));
    logs.forEach((events, index) => {
      expectWholeLog(events, runs[index]!);
    });
    return logs.map((events) => theOne(events, 'end').status);
  }

  /** Makes the model answer the next question. */
  async function answerNext(): Promise<string> {
    const turn = await stage.model.next();
    turn.text('x').finish();
    return lastOf(turn.question);
  }

  it('3.3 does not wait for what was queued before it', async () => {
    const chat = await newChat();
    const running = await send(chat, 'A');
    const turn = await next('A');
    const queued = [await send(chat, 'Q1'), await send(chat, 'Q2')];
    const interrupting = await send(chat, 'I', INTERRUPT);
    await within('the model is left', turn.hungUp);
    const first = await next('I');
    expect(first.question).not.toContain('Q1'); // what waits has not been said yet
    first.text('x').finish();
    const order = ['I', await answerNext(), await answerNext()];
    expect(order).toEqual(['I', 'Q1', 'Q2']);
    const all = [running, ...queued, interrupting];
    expect(await outcomes(all)).toEqual(['cancelled', 'completed', 'completed', 'completed']);
  });

  it('3.4 is itself cancelled by a later one, running or not', async () => {
    const chat = await newChat();
    const runs = [await send(chat, 'A')];
    const turn = await next('A');
    for (const question of ['B', 'C', 'D']) runs.push(await send(chat, question, INTERRUPT));
    await within('the model is left', turn.hungUp);
    const last = await next('D');
    last.text('x').finish();
    expect(await outcomes(runs)).toEqual(['cancelled', 'cancelled', 'cancelled', 'completed']);
    for (const late of stage.model.pending) (await stage.model.next(late)).finish(); // started, and abandoned
  });

  it('3.4 of many concurrent ones, only the newest is answered', async () => {
    for (let round = 0; round < 8; round++) {
      const chat = await newChat();
      const first = await send(chat, `A ${round}`);
      await next(`A ${round}`);
      const queued = await send(chat, `Q ${round}`);
      const sent = await Promise.all(
        Array.from({ length: 5 }, (_, index) => send(chat, `I ${round}.${index}`, INTERRUPT)),
      );
      const newest = (await stage.client.history(chat)).findLast(({ role }) => role === 'user');
      (await next(newest.content as string)).text('x').finish();
      (await next(`Q ${round}`)).text('x').finish();
      expect(await outcomes([first, queued])).toEqual(['cancelled', 'completed']);
      const expected = sent.map((run) => (run.message_id === newest.message_id ? 'completed' : 'cancelled'));
      expect(await outcomes(sent)).toEqual(expected);
    }
  });

  it('3.3 starts at once in an idle chat, and later messages wait for it', async () => {
    const chat = await newChat();
    const interrupting = await send(chat, 'alone', INTERRUPT);
    const turn = await next('alone');
    const later = await send(chat, 'later');
    expect((await stage.client.message(later.message_id)).status).toBe('pending');
    turn.text('x').finish();
    expect(await answerNext()).toBe('later');
    expect(await outcomes([interrupting, later])).toEqual(['completed', 'completed']);
  });

  it('stops nothing that came later, if it is announced late or twice', async () => {
    const chat = await newChat();
    const interrupting = await send(chat, 'early', INTERRUPT);
    expect(await answerNext()).toBe('early');
    await outcomes([interrupting]);
    const later = await send(chat, 'late');
    const turn = await next('late');
    await stage.app.nest.get(RunControl, { strict: false }).interrupt(chat, interrupting.message_id, []);
    turn.text('x').finish();
    expect(await outcomes([later])).toEqual(['completed']);
  });

  it('takes effect when its request is repeated, although the first attempt died before it told anybody', async () => {
    const chat = await newChat();
    const running = await send(chat, 'goes on');
    const turn = await next('goes on');
    const queued = await send(chat, 'stored only');
    // As left by a process that died right after its insert.
    const database = await openDatabase(stage.app);
    const key = 'repeated-1';
    const body = { content: 'repeated', ...INTERRUPT };
    const post = (): Promise<any> =>
      stage.client.post(`/api/chats/${chat}/messages`, body, { 'idempotency-key': key });
    const control = stage.app.nest.get(RunControl, { strict: false });
    control.interrupt = () => Promise.reject(new Error('the process has died'));
    expect((await post()).status).toBe(500);
    Reflect.deleteProperty(control, 'interrupt');
    const stored = await database.connection
      .collection('messages')
      .findOne({ chat_id: chat, content: 'repeated' });
    await database.close();
    const again = await post();
    expect(again).toMatchObject({ status: 201, body: { message_id: String(stored?._id) } });
    await within('the model is left', turn.hungUp);
    expect([await answerNext(), await answerNext()]).toEqual(['repeated', 'stored only']);
    expect(await outcomes([running, queued, again.body])).toEqual(['cancelled', 'completed', 'completed']);
  });
});
