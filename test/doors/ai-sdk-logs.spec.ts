import type { StreamEvent } from '@reprise/protocol';
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from 'ai';
import fc from 'fast-check';
import { partsOf } from '../../src/doors/ai-sdk/ai-sdk.dialect.js';
import { aiSdk } from '../../src/doors/ai-sdk/index.js';
import { initialState, type Part } from '../../src/doors/ai-sdk/parts.js';
import { messageOf } from '../../src/doors/ai-sdk/ui-message.js';
import { END } from '../streams/setup.js';
import { bodiesOf, ENDINGS, FAILED, logOf, MESSAGE, passage } from './logs.js';

/** What a client receives that resumes after `seen` events. */
function framesBehind(log: readonly StreamEvent[], seen: number): string {
  let state = aiSdk.initial;
  for (const event of log.slice(0, seen)) ({ state } = aiSdk.encode(state, event));
  let frames = seen > 0 ? aiSdk.preamble(state) : '';
  for (const event of log.slice(seen)) {
    const encoded = aiSdk.encode(state, event);
    frames += encoded.frames;
    ({ state } = encoded);
  }
  return `${frames}${aiSdk.epilogue('ended', state)}`;
}

/** How the SDK reads some frames. @returns the message, and the text of the `error` part if there was one */
async function read(frames: string): Promise<{ message: UIMessage | undefined; error: string | undefined }> {
  const transport = new DefaultChatTransport({ fetch: () => Promise.resolve(new Response(frames)) });
  const stream = await transport.reconnectToStream({ chatId: 'any' });
  if (!stream) throw new Error('nothing to read');
  let message: UIMessage | undefined;
  let error: string | undefined;
  const onError = (thrown: unknown): void => {
    error = (thrown as Error).message;
  };
  for await (const one of readUIMessageStream({ stream, onError, terminateOnError: false })) message = one;
  return { message, error };
}

describe('the AI SDK reads any log in its own dialect', () => {
  it('without a fault, from its start and after every event', async () => {
    const logs = fc.tuple(fc.array(passage, { maxLength: 6 }), fc.constantFrom(...ENDINGS));
    await fc.assert(
      fc.asyncProperty(logs, async ([passages, ending]) => {
        const log = logOf(bodiesOf(passages), ending);
        for (let seen = 0; seen < log.length; seen++) {
          const { message, error } = await read(framesBehind(log, seen));
          const fails = ending === FAILED && seen < log.length - 1;
          expect(error).toBe(fails ? 'the scripted failure' : undefined);
          const rest = log.slice(seen).map((event) => (event.type === 'content' ? event.md : ''));
          const words = message?.parts.map((part) => (part.type === 'text' ? part.text : '')) ?? [];
          expect(words.join('')).toBe(rest.join(''));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('and what the server makes of a log for a page is what the SDK makes of it', async () => {
    const logs = fc.tuple(
      fc.array(passage, { maxLength: 6 }),
      fc.constantFrom(...ENDINGS.slice(0, 2)),
      fc.nat(40),
    );
    await fc.assert(
      fc.asyncProperty(logs, async ([passages, ending, length]) => {
        const log = logOf(bodiesOf(passages), ending).slice(0, length + 2);
        const { message } = await read(framesBehind(log, 0));
        let state = initialState;
        const all: Part[] = [];
        for (const event of log) {
          const [parts, next] = partsOf(state, event);
          all.push(...parts);
          state = next;
        }
        expect(JSON.parse(JSON.stringify(messageOf(MESSAGE, all)))).toEqual(
          JSON.parse(JSON.stringify(message)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('and every frame of an event except the last is without its id', () => {
    const log = logOf(bodiesOf([['parallel', 'ok'], [{ type: 'content', md: 'x' }]]), [END]);
    let state = aiSdk.initial;
    for (const event of log) {
      const { frames, state: next } = aiSdk.encode(state, event);
      state = next;
      const ids = [...frames.matchAll(/^id: (\S+)$/gm)].map((match) => match[1]);
      expect(ids).toEqual([event.id]);
      expect(frames.slice(frames.indexOf('id: ')).match(/^data: /gm)?.length ?? 0).toBeLessThanOrEqual(1);
    }
  });
});
