import { createOpenAI } from '@ai-sdk/openai';
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, streamText } from 'ai';
import OpenAI, { APIError } from 'openai';
import { TemporaryChats } from '../../src/chats/index.js';
import { Clock } from '../../src/common/index.js';
import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../conformance/setup.js';
import { CuttingProxy } from '../support/cutting-proxy.js';

describe('chat completions', () => {
  let stage: Stage;
  let openai: OpenAI;
  beforeAll(async () => {
    stage = await setStage();
    openai = new OpenAI({ apiKey: 'any', baseURL: `${stage.app.url}/v1`, maxRetries: 0 });
  });
  afterAll(() => stage.close());

  const model = 'assistant';
  const user = (content: string) => [{ role: 'user' as const, content }];
  const answer = async (question: string, text = 'Fine.') => {
    const turn = await stage.model.next(question);
    turn.text(text).finish();
    return turn.messages.map(({ role, content }) => [role, content]);
  };
  const visible = async (): Promise<number> =>
    (await stage.client.get('/api/users/default/chats')).body.total as number;

  it('lists the agents as models', async () => {
    const { data } = await openai.models.list();
    expect(data).toMatchObject([{ id: 'assistant', object: 'model', owned_by: 'reprise' }]);
    expect(await openai.models.retrieve('assistant')).toMatchObject({ id: 'assistant' });
    await expect(openai.models.retrieve('gpt-5')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });

  it('answers from the conversation of the request, in a chat that nobody sees', async () => {
    const before = await visible();
    const completion = openai.chat.completions.create({
      model,
      messages: [
        { role: 'system', content: 'Be brief.' },
        ...user('My name is Ada.'),
        { role: 'assistant', content: 'Hello Ada.' },
        ...user('One more thing.'),
        ...user('Who am I?'),
      ],
    });
    const asked = await answer('One more thing.\n\nWho am I?', 'Ada.');
    expect(asked.slice(1)).toEqual([
      ['user', 'My name is Ada.'],
      ['assistant', 'Hello Ada.'],
      ['user', 'One more thing.\n\nWho am I?'],
    ]);
    expect(asked[0]?.[1]).toMatch(/adds:\nBe brief\.$/);
    const { data, response } = await completion.withResponse();
    expect(data).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      model,
      choices: [{ message: { role: 'assistant', content: 'Ada.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    });
    expect(await visible()).toBe(before);
    const url = response.headers.get('x-stream-url') ?? '';
    const message_id = response.headers.get('x-message-id') ?? '';
    const log = await stage.client.ended({ message_id, stream_url: url });
    expect(log.at(-1)).toMatchObject({ type: 'end', status: 'completed' });
  });

  it('forgets those chats when their time is over, and no others', async () => {
    const kept = await stage.client.newChat('default');
    const completion = openai.chat.completions.create({ model, messages: user('forget me') });
    await answer('forget me');
    const { response } = await completion.withResponse();
    const message = `/api/messages/${response.headers.get('x-message-id') ?? ''}`;
    const temporary = stage.app.nest.get(TemporaryChats, { strict: false });
    await temporary.sweep();
    expect((await stage.client.get(message)).status).toBe(200);
    const clock = stage.app.nest.get(Clock, { strict: false });
    const now = clock.now.bind(clock);
    clock.now = () => now() + 25 * 3_600_000;
    await temporary.sweep();
    clock.now = now;
    expect((await stage.client.get(message)).status).toBe(404);
    expect((await stage.client.get(`/api/chats/${kept}`)).status).toBe(200);
  });

  it('streams the text and the thinking, the usage if wanted, and nothing of the tools', async () => {
    const stream = await openai.chat.completions.create({
      model,
      messages: user('rich'),
      stream: true,
      stream_options: { include_usage: true },
    });
    await playRichRun(stage.model, 'rich');
    let text = '';
    let thinking = '';
    let usage: unknown;
    const reasons: string[] = [];
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      const delta = choice?.delta as { content?: string; reasoning_content?: string } | undefined;
      text += delta?.content ?? '';
      thinking += delta?.reasoning_content ?? '';
      if (choice?.finish_reason) reasons.push(choice.finish_reason);
      usage = chunk.usage ?? usage;
      expect(choice?.delta.tool_calls).toBeUndefined();
    }
    expect(text).toBe(RICH_ANSWER);
    expect(thinking).toContain('First I think.');
    expect(reasons).toEqual(['stop']);
    expect(usage).toMatchObject({ total_tokens: 350 });
  });

  it("is read by the client's helpers, which find no tools to run", async () => {
    const helper = openai.chat.completions.stream({ model, messages: user('helper') });
    await answer('helper', 'Read.');
    expect(await helper.finalContent()).toBe('Read.');
    const ran: unknown[] = [];
    const runner = openai.chat.completions.runTools({
      model,
      messages: user('runner'),
      tools: [
        {
          type: 'function',
          function: {
            name: 'read_file',
            description: 'Reads.',
            parameters: {},
            function: (args: unknown) => ran.push(args),
          },
        },
      ],
    });
    await answer('runner', 'No tools.');
    expect(await runner.finalContent()).toBe('No tools.');
    expect(ran).toEqual([]);
  });

  it('goes on when its client hangs up, and a repeated request finds the same run', async () => {
    const before = stage.model.asked;
    const line = await CuttingProxy.start(stage.app.url, () => (line.cuts === 0 ? 10 : Infinity));
    const patient = new OpenAI({ apiKey: 'any', baseURL: `${line.url}/v1`, maxRetries: 2 });
    const completion = patient.chat.completions.create({ model, messages: user('once') });
    await answer('once', 'Only once.');
    expect((await completion).choices[0]?.message.content).toBe('Only once.');
    expect(line.cuts).toBe(1);
    expect(stage.model.asked - before).toBe(1);
    await line.stop();
  });

  it('is the same run for the same Idempotency-Key, and 422 for another body', async () => {
    const options = { headers: { 'Idempotency-Key': 'k1' } };
    const ask = (content: string) =>
      openai.chat.completions.create({ model, messages: user(content) }, options);
    const both = [ask('twice'), ask('twice')];
    await answer('twice');
    const [one, other] = await Promise.all(both);
    expect(other?.id).toBe(one?.id);
    await expect(ask('something else')).rejects.toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
  });

  it('fails with 502, or an error in the stream', async () => {
    const waiting = openai.chat.completions.create({ model, messages: user('fails') });
    (await stage.model.next('fails')).fail(400);
    await expect(waiting).rejects.toMatchObject({ status: 502, type: 'server_error' });
    const stream = await openai.chat.completions.create({ model, messages: user('fails too'), stream: true });
    (await stage.model.next('fails too')).fail(400);
    const read = (async () => {
      for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    })();
    await expect(read).rejects.toBeInstanceOf(APIError);
  });

  it.each(['chat', 'responses'] as const)('is read by the AI SDK (%s)', async (api) => {
    const provider = createOpenAI({ apiKey: 'any', baseURL: `${stage.app.url}/v1` });
    const agent = api === 'chat' ? provider.chat(model) : provider.responses(model);
    const question = `sdk ${api}`;
    const stream = streamText({ model: agent, prompt: question });
    const text = stream.text;
    await playRichRun(stage.model, question);
    expect(await text).toBe(RICH_ANSWER);
    expect((await stream.usage).totalTokens).toBe(350);
    const again = generateText({ model: agent, prompt: `${question} again`, maxRetries: 0 });
    await answer(`${question} again`, 'Whole.');
    expect((await again).text).toBe('Whole.');
  });

  it.each([false, true])('is read by LangChain (Responses API: %s)', async (useResponsesApi) => {
    const chat = new ChatOpenAI({
      model,
      apiKey: 'any',
      useResponsesApi,
      maxRetries: 0,
      configuration: { baseURL: `${stage.app.url}/v1` },
    });
    const question = `chain ${String(useResponsesApi)}`;
    const streaming = (async () => {
      let text = '';
      for await (const chunk of await chat.stream([
        new SystemMessage('Be brief.'),
        new HumanMessage(question),
      ]))
        text += chunk.text;
      return text;
    })();
    await playRichRun(stage.model, question);
    expect(await streaming).toBe(RICH_ANSWER);
    const whole = chat.invoke([new HumanMessage(`${question} again`)]);
    await answer(`${question} again`, 'Whole.');
    expect((await whole).text).toBe('Whole.');
  });
});
