import OpenAI, { APIError } from 'openai';
import OpenAI6 from 'openai6';
import type {
  Response as OpenAiResponse,
  ResponseOutputItem,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../conformance/setup.js';
import { Deeds, teachTools } from '../support/approvals.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { until } from '../support/until.js';

const CLIENTS: [string, typeof OpenAI][] = [
  ['openai 7', OpenAI],
  ['openai 6', OpenAI6 as unknown as typeof OpenAI],
];

const ofType = <T extends ResponseOutputItem['type']>(
  { output }: Pick<OpenAiResponse, 'output'>,
  type: T,
): Extract<ResponseOutputItem, { type: T }>[] =>
  output.filter((item) => item.type === type) as unknown as Extract<ResponseOutputItem, { type: T }>[];

const idOf = (responseId: string): string => responseId.replace('resp_', '');

async function all(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** The response that a stream ends with. */
function lastOf(events: readonly ResponseStreamEvent[]): OpenAiResponse {
  const last = events.at(-1);
  if (last && 'response' in last) return last.response;
  throw new Error('no last event');
}

describe.each(CLIENTS)('%s', (_, Client) => {
  let stage: Stage;
  let openai: OpenAI;
  const deeds = new Deeds();
  const clientAt = (url: string, more: object = {}): OpenAI =>
    new Client({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0, ...more });
  beforeAll(async () => {
    stage = await setStage();
    openai = clientAt(stage.app.url);
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    deeds.reset();
  });

  /** Answers the next question with a text. */
  const answer = async (question: string, text = 'Fine.'): Promise<void> => {
    (await stage.model.next(question)).text(text).finish();
  };

  it('streams a run with its thinking, its tools and its text', async () => {
    const stream = openai.responses.stream({ model: 'assistant', input: 'rich' });
    await playRichRun(stage.model, 'rich');
    const response = await stream.finalResponse();
    expect(response).toMatchObject({
      id: expect.stringMatching(/^resp_[0-9a-f]{24}$/),
      status: 'completed',
      model: 'assistant',
      output_text: RICH_ANSWER,
      usage: { input_tokens: 300, output_tokens: 50, total_tokens: 350 },
    });
    const calls = ofType(response, 'mcp_call');
    expect(calls.map(({ name, status }) => [name, status])).toEqual([
      ['update_plan', 'completed'],
      ['write_file', 'completed'],
      ['read_file', 'failed'],
    ]);
    expect(JSON.parse(calls[1]?.arguments ?? '')).toMatchObject({ path: 'notes.md' });
    expect(ofType(response, 'reasoning')[0]?.summary).toHaveLength(2);
    const stored = await openai.responses.retrieve(response.id);
    expect(response.output).toMatchObject(stored.output);
    expect(stored).toMatchObject({ status: 'completed', output_text: RICH_ANSWER });
    expect(await stage.client.message(idOf(response.id))).toMatchObject({ status: 'completed' });
  });

  it('resumes after every event, and reads the same', async () => {
    const events = (async () => all(await openai.responses.create({ input: 'again', stream: true })))();
    await playRichRun(stage.model, 'again');
    const whole = await events;
    const { id: response_id, output } = lastOf(whole);
    expect(whole.map((event) => event.sequence_number)).toEqual(whole.map((__, index) => index));
    for (const { sequence_number: starting_after } of whole) {
      const rest = await all(await openai.responses.retrieve(response_id, { stream: true, starting_after }));
      expect(rest).toEqual(whole.slice(starting_after + 1));
    }
    for (const starting_after of [0, 5, whole.length - 1]) {
      const seen: number[] = [];
      const helper = openai.responses.stream({ response_id, starting_after });
      helper.on('event', (event) => seen.push(event.sequence_number));
      expect((await helper.finalResponse()).output).toMatchObject(output);
      expect(seen).toEqual(whole.slice(starting_after + 1).map((event) => event.sequence_number));
    }
  });

  it('gets the whole run over a connection that is cut', async () => {
    let budget = 1500;
    const line = await CuttingProxy.start(stage.app.url, () => (budget += 700));
    const client = clientAt(line.url);
    const events: ResponseStreamEvent[] = [];
    const take = async (stream: Promise<AsyncIterable<ResponseStreamEvent>>): Promise<boolean> => {
      try {
        for await (const event of await stream) events.push(event);
        return true;
      } catch {
        return false;
      }
    };
    const first = take(client.responses.create({ input: 'cut', stream: true }));
    await playRichRun(stage.model, 'cut');
    let isWhole = await first;
    for (let tries = 0; !isWhole && tries < 200; tries++) {
      const last = events.at(-1);
      const [created] = events;
      if (!last || created?.type !== 'response.created') throw new Error('nothing came');
      const query = { stream: true as const, starting_after: last.sequence_number };
      isWhole = await take(client.responses.retrieve(created.response.id, query));
    }
    await line.stop();
    expect(line.cuts).toBeGreaterThan(2);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((__, index) => index));
    const deltas = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''));
    expect(deltas.join('')).toBe(RICH_ANSWER);
  });

  it('waits for an answer, and continues the conversation', async () => {
    const first = openai.responses.create({ input: 'My name is Ada.', metadata: { tender_id: 't' } });
    await answer('My name is Ada.', 'Hello Ada.');
    const one = await first;
    expect(one).toMatchObject({ output_text: 'Hello Ada.', metadata: { tender_id: 't' } });
    const second = openai.responses.create({ input: 'Who am I?', previous_response_id: one.id });
    const asked = await stage.model.next('Who am I?');
    expect(asked.messages.map(({ content }) => content).slice(1)).toEqual([
      'My name is Ada.',
      'Hello Ada.',
      'Who am I?',
    ]);
    asked.text('Ada.').finish();
    const two = await second;
    expect(two).toMatchObject({ previous_response_id: one.id, conversation: one.conversation });
    const chat = one.conversation?.id.replace('conv_', '') ?? '';
    expect(await stage.client.history(chat)).toHaveLength(4);
    const { data } = await openai.responses.inputItems.list(two.id);
    expect(data).toMatchObject([{ role: 'user', content: [{ type: 'input_text', text: 'Who am I?' }] }]);
  });

  it.each(['an external key', 'conv_', 'a bare chat id'])(
    'continues a conversation named by %s',
    async (kind) => {
      const chat = await stage.client.newChat('default');
      const names: Record<string, string> = { conv_: `conv_${chat}`, 'a bare chat id': chat };
      const conversation = names[kind] ?? `key ${Client.name} ${String(Math.random())}`;
      const question = `About ${kind}`;
      const first = openai.responses.create({ input: question, conversation });
      await answer(question);
      const second = openai.responses.create({
        input: `${question} again`,
        conversation: { id: conversation },
      });
      expect(
        (await stage.model.next(`${question} again`).then((turn) => (turn.text('x').finish(), turn)))
          .messages,
      ).toHaveLength(4);
      expect((await second).conversation).toEqual((await first).conversation);
    },
  );

  it('adds its instructions to those of the agent', async () => {
    const response = openai.responses.create({ instructions: 'Answer in Danish.', input: 'Hi' });
    const asked = await stage.model.next('Hi');
    expect(asked.messages[0]?.role).toBe('system');
    expect(asked.messages[0]?.content).toMatch(/\n\nThe application .* adds:\nAnswer in Danish\.$/);
    asked.text('Hej').finish();
    expect(await response).toMatchObject({ output_text: 'Hej', instructions: 'Answer in Danish.' });
  });

  it('works in the background, is polled, and is cancelled', async () => {
    const queued = await openai.responses.create({ input: 'slow', background: true });
    expect(['queued', 'in_progress']).toContain(queued.status);
    const turn = await stage.model.next('slow');
    turn.text('So far');
    await until('it has begun', async () => {
      const { status, output_text } = await openai.responses.retrieve(queued.id);
      return status === 'in_progress' && output_text === 'So far' ? true : undefined;
    });
    const following = openai.responses.stream({ response_id: queued.id });
    const cancelled = await openai.responses.cancel(queued.id);
    expect(cancelled).toMatchObject({ id: queued.id, status: 'cancelled' });
    expect(await following.finalResponse()).toMatchObject({ status: 'cancelled', output_text: 'So far' });
    expect(await openai.responses.retrieve(queued.id)).toMatchObject({ status: 'cancelled', error: null });
    await turn.hungUp;
  });

  it('goes on when its client hangs up', async () => {
    const stream = await openai.responses.create({ input: 'left alone', stream: true });
    const [created] = [(await stream[Symbol.asyncIterator]().next()).value as ResponseStreamEvent];
    stream.controller.abort();
    await answer('left alone', 'Still here.');
    if (created.type !== 'response.created') throw new Error('no beginning');
    const whole = await openai.responses.stream({ response_id: created.response.id }).finalResponse();
    expect(whole).toMatchObject({ status: 'completed', output_text: 'Still here.' });
  });

  it('is told what failed: 502 if it waits, else in the response', async () => {
    const waiting = openai.responses.create({ input: 'fails' });
    (await stage.model.next('fails')).fail(400);
    const error: unknown = await waiting.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 502, type: 'server_error', param: null });
    expect((error as APIError).headers?.get('x-should-retry')).toBe('false');
    expect((error as APIError).code).toMatch(/^[a-z_]+$/);
    const streaming = openai.responses.stream({ input: 'fails too' });
    (await stage.model.next('fails too')).fail(400);
    const failed = await streaming.finalResponse();
    expect(failed).toMatchObject({ status: 'failed', error: { code: (error as APIError).code } });
    expect(await openai.responses.retrieve(failed.id)).toMatchObject({
      status: 'failed',
      error: failed.error,
    });
  });

  it('deletes a response, with its chat if nothing else is there', async () => {
    const first = openai.responses.create({ input: 'one' });
    await answer('one');
    const one = await first;
    const second = openai.responses.create({ input: 'two', previous_response_id: one.id });
    await answer('two');
    const two = await second;
    await openai.responses.delete(two.id);
    await expect(openai.responses.retrieve(two.id)).rejects.toMatchObject({
      status: 404,
      code: 'response_not_found',
    });
    const chat = one.conversation?.id.replace('conv_', '') ?? '';
    expect(await stage.client.history(chat)).toHaveLength(2);
    await openai.responses.delete(one.id);
    expect((await stage.client.get(`/api/chats/${chat}`)).status).toBe(404);
  });

  describe('with a tool that needs approval', () => {
    let taught: Stage;
    let client: OpenAI;
    beforeAll(async () => {
      taught = await setStage();
      teachTools(taught.app, deeds);
      client = clientAt(taught.app.url);
    });
    afterAll(() => taught.close());

    const calls = async (question: string): Promise<void> => {
      const turn = await taught.model.next(question);
      turn.toolCall('pay', { euro: 5 }, 'p1').finish();
    };
    const approvals = (response: OpenAiResponse, approve: boolean) =>
      ofType(response, 'mcp_approval_request').map(({ id }) => ({
        type: 'mcp_approval_response' as const,
        approval_request_id: id,
        approve,
      }));

    it.each([true, false])(
      'answers with the question, then with what came of it (approved: %s)',
      async (approve) => {
        const input = `pay ${String(approve)}`;
        const asking = client.responses.create({ input });
        await calls(input);
        const question = await asking;
        expect(question).toMatchObject({
          status: 'completed',
          output: [{ type: 'mcp_approval_request', name: 'pay', arguments: '{"euro":5}' }],
        });
        expect((await client.responses.retrieve(question.id)).output).toEqual(question.output);
        const given = { previous_response_id: question.id, input: approvals(question, approve) };
        const answering = client.responses.create(given);
        (await taught.model.next(input)).text('Done.').finish();
        const done = await answering;
        expect(done).toMatchObject({ id: question.id, status: 'completed', output_text: 'Done.' });
        expect(ofType(done, 'mcp_approval_request')).toEqual([]);
        expect(ofType(done, 'mcp_call')).toMatchObject([
          { name: 'pay', status: approve ? 'completed' : 'failed' },
        ]);
        expect(deeds.paid).toHaveLength(approve ? 1 : 0);
        // Sent again, as after a connection that broke: the same answer. Another decision comes too late.
        expect((await client.responses.create(given)).output).toEqual(done.output);
        await expect(
          client.responses.create({ ...given, input: approvals(question, !approve) }),
        ).rejects.toMatchObject({ status: 409, code: 'approval_already_decided' });
      },
    );

    it('streams up to the question, then everything, and the log is numbered as one', async () => {
      const input = 'pay in a stream';
      const asking = client.responses.stream({ input });
      await calls(input);
      const question = await asking.finalResponse();
      expect(question.status).toBe('completed');
      const events = (async () => {
        const given = { input: approvals(question, true), stream: true as const };
        return all(await client.responses.create(given));
      })();
      (await taught.model.next(input)).text('Done.').finish();
      const whole = await events;
      expect(whole.map((event) => event.sequence_number)).toEqual(whole.map((__, index) => index));
      const done = lastOf(whole);
      expect(done).toMatchObject({ id: question.id, status: 'completed' });
      expect(ofType(done, 'message')).toHaveLength(1);
      for (const { sequence_number: starting_after } of whole)
        expect(
          await all(await client.responses.retrieve(question.id, { stream: true, starting_after })),
        ).toEqual(whole.slice(starting_after + 1));
      expect(
        (await client.responses.stream({ response_id: question.id }).finalResponse()).output,
      ).toMatchObject(done.output);
    });
  });
});
