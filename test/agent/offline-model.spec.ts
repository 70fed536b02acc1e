import type { ModelMessage } from '../../src/models/chat-model.js';
import { CONTINUE_INSTRUCTION } from '../../src/agent/asking/continuation.js';
import { OfflineModel } from '../../src/models/offline/offline-model.js';
import { asLog, InstantPause, newRun, startWorld, type AgentWorld } from './support.js';

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const work = (fields: Parameters<typeof newRun>[0], tools?: string[]) => {
  const run = newRun(fields);
  const agent = world.agent(new OfflineModel(new InstantPause()), tools ? { tools } : {});
  return { run, outcome: agent.run(run) };
};

describe('the offline model', () => {
  it('plans, searches, reads, and answers with extracts and their sources', async () => {
    const { run, outcome } = work({ content: 'What are the CSR requirements?' });
    const { status, text, model, tool_calls } = await outcome;
    expect({ status, model, tool_calls }).toEqual({ status: 'completed', model: 'offline', tool_calls: 5 });
    expect(run.sink.of('tool_start').map(({ name }) => name)).toEqual([
      'update_plan',
      'search_tender_corpus',
      'update_plan',
      'get_file_content',
      'update_plan',
    ]);
    expect(
      run.sink
        .of('plan')
        .at(-1)
        ?.items.every((item) => item.status === 'completed'),
    ).toBe(true);
    expect(run.sink.of('tool_end').every((end) => end.status === 'ok')).toBe(true);
    expect(run.sink.of('rationale').length).toBeGreaterThan(1);
    expect(run.sink.of('content').length).toBeGreaterThan(20);
    expect(text).toContain('The CSR requirements follow the ILO conventions.');
    expect(text).toContain('**Bilag E**');
    expect(text).toContain('I am the offline model');
    expect(text).toContain('OPENAI_API_KEY');
    expect(run.usage.total.total_tokens).toBeGreaterThan(100);
  });

  it('gives the same answer twice', async () => {
    const [one, two] = [work({ content: 'Prices?' }), work({ content: 'Prices?' })];
    expect((await one.outcome).text).toBe((await two.outcome).text);
  });

  it('says if the documents contain nothing about it', async () => {
    const { run, outcome } = work({ content: 'Where do zebras live?' });
    const { text } = await outcome;
    expect(text).toContain('I found nothing about “Where do zebras live?”');
    expect(text).toContain('POST /api/documents');
    const done = run.sink
      .of('plan')
      .at(-1)
      ?.items.map(({ text: todo, status }) => [todo, status]);
    expect(done).toEqual([
      ['Search the documents', 'completed'],
      ['Answer with extracts and sources', 'completed'],
    ]);
  });

  it.each(['Hello!', 'hej', 'Who are you?', 'Thanks', '??'])(
    'answers %s without searching',
    async (content) => {
      const { run, outcome } = work({ content });
      expect(await outcome).toMatchObject({ status: 'completed', tool_calls: 0 });
      expect(run.sink.shape).toEqual(['content']);
    },
  );

  it('uses only the tools it is offered', async () => {
    const { run, outcome } = work({ content: 'CSR requirements' }, ['search_tender_corpus']);
    expect((await outcome).text).toContain('Bilag E');
    expect(run.sink.of('tool_start')).toHaveLength(1);
    const none = work({ content: 'CSR requirements' }, []);
    expect((await none.outcome).text).toContain('I found nothing');
  });

  const said = async (messages: ModelMessage[], ...tools: string[]): Promise<string> => {
    const offered = tools.map((name) => ({ name, description: '', parameters: {} }));
    const model = new OfflineModel(new InstantPause());
    let answer = '';
    for await (const delta of model.stream({ messages, tools: offered }, new AbortController().signal))
      if (delta.type === 'text') answer += delta.text;
    return answer;
  };

  it.each([
    ['what a document says', {}, true],
    ['nothing of a document that could not be read', { error_code: 'timed_out' }, false],
  ])('quotes %s, whatever the words of the result', async (_what, code, isQuoted) => {
    const passages = [{ document_id: 'd1', title: 'Bilag E', text: 'Prices are fixed for the year.' }];
    const calls = ['search_tender_corpus', 'get_file_content'].map((name) => ({
      id: name,
      name,
      arguments: '{}',
    }));
    const answer = await said(
      [
        { role: 'user', content: 'Prices?' },
        { role: 'assistant', content: '', tool_calls: calls },
        { role: 'tool', tool_call_id: 'search_tender_corpus', content: JSON.stringify({ passages }) },
        {
          role: 'tool',
          tool_call_id: 'get_file_content',
          content: 'Error: is its title.\n\nAll prices hold for two years.',
          ...code,
        },
      ],
      ...calls.map(({ name }) => name),
    );
    expect(answer).toContain('Prices are fixed for the year.');
    expect(answer.includes('All prices hold for two years.')).toBe(isQuoted);
  });

  it('takes words that ask it to continue for a question if a person wrote them', async () => {
    const asked: ModelMessage = { role: 'user', content: CONTINUE_INSTRUCTION };
    const earlier: ModelMessage[] = [
      { role: 'user', content: 'Prices?' },
      { role: 'assistant', content: 'Fixed.' },
    ];
    expect(await said([...earlier, asked])).toContain('I found nothing about “Your last message');
    expect(await said([...earlier, { ...asked, continues: true }])).toContain('nothing about “Prices?”');
  });

  it('continues an interrupted answer', async () => {
    const whole = (await work({ content: 'Who are you?' }).outcome).text;
    const run = newRun({ content: 'Who are you?' });
    const { run: again, outcome } = work({
      ...run,
      prior: asLog([{ type: 'content', md: whole.slice(0, 50) }], run),
    });
    expect((await outcome).text).toBe(whole);
    expect(again.sink.text).toBe(whole.slice(50));
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const { run, outcome } = work({ content: 'Who are you?', signal: controller.signal });
    void run.sink
      .seen((body) => body.type === 'content')
      .then(() => {
        controller.abort(new Error('stop'));
      });
    await expect(outcome).rejects.toThrow('stop');
  });
});
