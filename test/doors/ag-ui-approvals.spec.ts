import { setStage, type Stage } from '../conformance/setup.js';
import { Deeds, teachTools } from '../support/approvals.js';
import { agentAt, plain, told, wordsOf, type Told } from './ag-ui-client.js';

describe('a call that needs approval, for a client of AG-UI:', () => {
  let stage: Stage;
  const deeds = new Deeds();
  beforeAll(async () => {
    stage = await setStage();
    teachTools(stage.app, deeds);
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    deeds.reset();
  });

  const open = (threadId: string) => agentAt(stage.app.url, threadId);
  const answer = async (question: string, text: string): Promise<void> => {
    (await stage.model.next(question)).text(text).finish();
  };
  /** A client whose run waits for the approval of a payment. */
  async function waiting(question: string, ...more: [number, string][]) {
    const agent = open(question);
    agent.addMessage({ id: `id of ${question}`, role: 'user', content: question });
    const run = told(agent);
    const turn = await stage.model.next(question);
    for (const [euro, id] of [[5, `${question} p1`] as const, ...more]) turn.toolCall('pay', { euro }, id);
    turn.finish();
    return { agent, run: await run };
  }
  const interruptsOf = ({ finished }: Told): any[] => finished.at(-1).outcome.interrupts;
  const approve = (interruptId: string, payload: object = { decision: 'approve' }) => ({
    interruptId,
    status: 'resolved' as const,
    payload,
  });

  it('the run ends with an interrupt, and goes on with its answer', async () => {
    const { agent, run } = await waiting('yes');
    expect(interruptsOf(run)).toMatchObject([
      {
        id: 'yes p1',
        toolCallId: 'yes p1',
        reason: 'approval_required',
        expiresAt: expect.stringMatching(/Z$/),
      },
    ]);
    const second = told(agent, { resume: [approve('yes p1')] });
    await answer('yes', 'Paid.');
    expect((await second).finished).toMatchObject([{ outcome: { type: 'success' } }]);
    expect(wordsOf(agent)).toBe('Paid.');
    expect(deeds.paid).toEqual(['{"euro":5}']);
    const calls = agent.messages.flatMap((one) => (one.role === 'assistant' ? (one.toolCalls ?? []) : []));
    expect([calls.length, agent.messages.filter(({ role }) => role === 'tool').length]).toEqual([1, 1]);
    const late = open('yes');
    await told(late);
    expect(plain(late.messages)).toEqual(plain(agent.messages));
  });

  it.each([
    ['a decision', approve('no p1', { decision: 'reject', reason: 'Too dear.' })],
    ['cancelling', { interruptId: 'no p1', status: 'cancelled' as const, payload: { reason: 'Too dear.' } }],
  ])('is rejected by %s', async (_, entry) => {
    const question = `no ${_}`;
    const { agent } = await waiting(question);
    const second = told(agent, { resume: [{ ...entry, interruptId: `${question} p1` }] });
    const turn = await stage.model.next(question);
    expect(JSON.stringify(turn.messages)).toContain('Too dear.');
    turn.text('Then not.').finish();
    await second;
    expect([wordsOf(agent), deeds.paid]).toEqual(['Then not.', []]);
  });

  it('is asked again of a client that was loaded anew, which can answer', async () => {
    const { agent: old } = await waiting('anew');
    const agent = open('anew');
    const joined = await told(agent);
    expect(interruptsOf(joined)).toMatchObject([{ id: 'anew p1' }]);
    expect(plain(agent.messages)).toEqual(plain(old.messages));
    const second = told(agent, {
      resume: [approve('anew p1', { decision: 'approve', arguments: { euro: 6 } })],
    });
    await answer('anew', 'Paid.');
    await second;
    expect(deeds.paid).toEqual(['{"euro":6}']);
    // The other one knows nothing of it: what was decided stands.
    expect(
      (await told(old, { resume: [approve('anew p1', { decision: 'reject' })] })).finished,
    ).toMatchObject([{ outcome: { type: 'success' } }]);
    expect(plain(old.messages)).toEqual(plain(agent.messages));
  });

  it('is answered by a client that has none of its messages', async () => {
    await waiting('blind');
    const agent = open('blind');
    const run = told(agent, { resume: [approve('blind p1')] });
    await answer('blind', 'Paid.');
    expect((await run).finished).toMatchObject([{ outcome: { type: 'success' } }]);
    expect(agent.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
  });

  it('is one of several, which are asked together', async () => {
    const { agent, run } = await waiting('both', [1, 'both p2']);
    expect(interruptsOf(run).map(({ id }) => id)).toEqual(['both p1', 'both p2']);
    const second = told(agent, {
      resume: [approve('both p1'), { interruptId: 'both p2', status: 'cancelled' }],
    });
    await answer('both', 'Half.');
    await second;
    expect([deeds.paid, wordsOf(agent)]).toEqual([['{"euro":5}'], 'Half.']);
  });

  it('is decided by nothing but a decision', async () => {
    const { agent } = await waiting('what');
    await expect(told(agent, { resume: [approve('what p1', { approved: true })] })).rejects.toThrow(
      /validation_failed/,
    );
    const second = told(agent, { resume: [approve('what p1')] });
    await answer('what', 'Paid.');
    await second;
    expect(wordsOf(agent)).toBe('Paid.');
  });
});
