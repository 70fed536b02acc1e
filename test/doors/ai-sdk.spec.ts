import { DefaultChatTransport, readUIMessageStream, type UIMessage } from 'ai';
import { playRichRun, RICH_ANSWER, setStage, type Stage } from '../conformance/setup.js';
import { answerOf, type Created } from '../support/client.js';

/** How the SDK's own transport and reader treat a stream: chunks are validated, the first fault ends the reading. */
async function readWithSdk(url: string): Promise<UIMessage> {
  const transport = new DefaultChatTransport({
    fetch: () => fetch(url),
  });
  const stream = await transport.reconnectToStream({
    chatId: 'any',
  });
  if (!stream) throw new Error('nothing to read');
  let message: UIMessage | undefined;
  const onError = (error: unknown): never => {
    throw error;
  };
  for await (const state of readUIMessageStream({ stream, onError, terminateOnError: true })) message = state;
  if (!message) throw new Error('no message');
  return message;
}

const textOf = ({ parts }: UIMessage): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

describe('the AI SDK reads a log in its own dialect', () => {
  let stage: Stage;
  let run: Created;
  beforeAll(async () => {
    stage = await setStage();
    run = await stage.client.send(await stage.client.newChat(), 'sdk');
    await playRichRun(stage.model, 'sdk');
    await stage.client.ended(run);
  });
  afterAll(() => stage.close());

  const urlOf = (query: string): string => `${stage.app.url}${run.stream_url}?dialect=ai-sdk${query}`;

  it('as one message with its plan, thinking, tools, text and figures', async () => {
    const message = await readWithSdk(urlOf(''));
    expect(message).toMatchObject({
      id: run.message_id,
      metadata: { status: 'completed', agent: 'assistant' },
    });
    expect(textOf(message)).toBe(RICH_ANSWER);
    const types = message.parts.map((part) => part.type);
    expect(types).toEqual(expect.arrayContaining(['reasoning', 'data-plan', 'dynamic-tool', 'step-start']));
    const tools = message.parts.filter((part) => part.type === 'dynamic-tool');
    expect(tools.map((tool) => tool.state).sort()).toEqual([
      'output-available',
      'output-available',
      'output-error',
    ]);
  });

  it('from after every event, without an error, and with the rest of the text', async () => {
    const events = await stage.client.replay(run.message_id);
    for (const [index, { id }] of events.slice(0, -1).entries()) {
      const message = await readWithSdk(urlOf(`&since=${id}`));
      expect(message.id).toBe(run.message_id);
      expect(textOf(message)).toBe(answerOf(events.slice(index + 1)));
    }
  });
});
