import { parseEvent, type StreamEvent } from '@reprise/protocol';
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from 'ai';
import OpenAI from 'openai';
import { DIALECTS } from '../../src/app.module.js';
import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../conformance/setup.js';
import { answerOf, type Created } from '../support/client.js';
import { RawStream } from '../support/raw-stream.js';
import { eventsIn, PlayedAgent, told, wordsOf } from './ag-ui-client.js';
import { textOf } from './ai-sdk-page.js';

/** Not by a pattern: to one, a line ends at U+2028 as well. */
const dataIn = (frames: string): any[] =>
  frames.split('\n').flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6))] : []));
const answering =
  (frames: string): typeof fetch =>
  () =>
    Promise.resolve(new Response(frames, { headers: { 'content-type': 'text/event-stream' } }));

function readV1(frames: string): Promise<string> {
  const events = dataIn(frames).map((one) => parseEvent(one));
  expect(events.map(({ kind }) => kind)).not.toContain('invalid');
  return Promise.resolve(answerOf(dataIn(frames) as StreamEvent[]));
}

async function readAiSdk(frames: string): Promise<string> {
  const transport = new DefaultChatTransport<UIMessage>({ fetch: answering(frames) });
  const stream = await transport.reconnectToStream({ chatId: 'any' });
  let message: UIMessage | undefined;
  for await (const one of readUIMessageStream({ stream: stream!, terminateOnError: true })) message = one;
  return textOf(message);
}

async function readOpenAi(frames: string): Promise<string> {
  const client = new OpenAI({
    apiKey: 'any',
    baseURL: 'http://127.0.0.1:9/v1',
    maxRetries: 0,
    fetch: answering(frames),
  });
  return (await client.responses.stream({ response_id: 'resp_any' }).finalResponse()).output_text;
}

async function readAgUi(frames: string): Promise<string> {
  const agent = new PlayedAgent(eventsIn(frames));
  await told(agent);
  return wordsOf(agent);
}

/** How the client of each dialect, or what it does, finds the answer in a whole stream. A new dialect gets a line here. */
const READERS: Record<string, (frames: string) => Promise<string>> = {
  v1: readV1,
  'v1-unnamed': readV1,
  'ai-sdk': readAiSdk,
  openai: readOpenAi,
  'ag-ui': readAgUi,
  a2a: (frames) => {
    const updates = dataIn(frames).flatMap(({ artifactUpdate }) => artifactUpdate ?? []);
    expect(updates.map(({ append }) => append)).toEqual(updates.map((_, index) => index > 0));
    const parts = updates.flatMap(({ artifact }) => artifact.parts as { text?: string }[]);
    return Promise.resolve(parts.map(({ text = '' }) => text).join(''));
  },
  langgraph: (frames) => {
    const values = frames.split('\n\n').filter((frame) => frame.includes('event: values\n'));
    const { messages } = dataIn(values.at(-1) ?? '')[0] as { messages: { type: string; content: string }[] };
    return Promise.resolve(messages.map(({ type, content }) => (type === 'ai' ? content : '')).join(''));
  },
  session: (frames) => {
    const chunks = frames.split('\n\n').filter((frame) => frame.includes('event: chunk\n'));
    return Promise.resolve(chunks.map((frame) => (dataIn(frame)[0] as { text: string }).text).join(''));
  },
  conversations: (frames) => {
    const told = dataIn(frames);
    const tokens = told.map(({ type, content }) => (type === 'token' ? (content as string) : '')).join('');
    expect(told.find(({ type }) => type === 'complete').content).toBe(tokens);
    return Promise.resolve(tokens);
  },
};

describe('one run', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const names = DIALECTS.map(({ name }) => name);
  const open = (run: Created, name: string): Promise<RawStream> =>
    RawStream.open(`${stage.app.url}${run.stream_url}?dialect=${name}`);

  it('has a reader for every dialect', () => {
    expect(names.filter((name) => READERS[name] === undefined)).toEqual([]);
  });

  it('has the same answer in every dialect, for those who watch it together and for those who come late', async () => {
    const run = await stage.client.send(await stage.client.newChat(), 'for all');
    const watching = await Promise.all(names.map((name) => open(run, name)));
    await playRichRun(stage.model, 'for all');
    const watched = await Promise.all(watching.map((stream) => stream.end()));
    const late = await Promise.all(names.map(async (name) => (await open(run, name)).end()));
    for (const streams of [watched, late])
      for (const [index, name] of names.entries())
        expect([name, await READERS[name]!(streams[index]!.text)]).toEqual([name, RICH_ANSWER]);
    const saved = (await stage.client.history((await stage.client.message(run.message_id)).chat_id))[1];
    expect(saved.content).toBe(RICH_ANSWER);
  });
});
