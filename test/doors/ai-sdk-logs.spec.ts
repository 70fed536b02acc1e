import { mintEventId, type EventBody, type StreamEvent } from '@reprise/protocol';
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from 'ai';
import fc from 'fast-check';
import { partsOf } from '../../src/doors/ai-sdk/ai-sdk.dialect.js';
import { aiSdk } from '../../src/doors/ai-sdk/index.js';
import { initialState, type Part } from '../../src/doors/ai-sdk/parts.js';
import { messageOf } from '../../src/doors/ai-sdk/ui-message.js';
import { CHAT, END } from '../streams/setup.js';

const MESSAGE = '68eb95dcac4dd9ac2789890e';

/** A log of these bodies, with `start` before and an ending after them. */
function logOf(bodies: readonly EventBody[], ending: readonly EventBody[]): StreamEvent[] {
  const start: EventBody = { type: 'start', status: 'processing', agent: 'assistant', attempt: 1 };
  return [start, ...bodies, ...ending].map(({ type, ...fields }, seq) => {
    const id = mintEventId({ ms: 1_700_000_000_000 + seq, seq, nonce: 'aaaaaaaa' });
    const ts = '2025-10-12T10:00:00.000Z';
    return { v: 1, type, id, ts, message_id: MESSAGE, chat_id: CHAT, ...fields } as StreamEvent;
  });
}

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

const FAILED: EventBody[] = [
  { type: 'error', error: 'the scripted failure', code: 'model_unavailable', retryable: true },
  { ...END, status: 'error' },
];
const ENDINGS: EventBody[][] = [[END], [{ ...END, status: 'cancelled' }], FAILED];

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const ended = (call_id: string, status: 'ok' | 'error'): EventBody => ({
  type: 'tool_end',
  call_id,
  name: 'search',
  status,
  ms: 3,
  result_summary: 'found',
});
const started = (call_id: string): EventBody => ({
  type: 'tool_start',
  call_id,
  name: 'search',
  args_summary: '{"query":"x"}',
});
const asked = (call_id: string): EventBody => ({
  type: 'approval_required',
  call_id,
  name: 'search',
  args_summary: '{"query":"x"}',
  expires_at: '2030-01-01T00:00:00.000Z',
});
const decided = (call_id: string, decision: 'approve' | 'reject'): EventBody => ({
  type: 'approval_resolved',
  call_id,
  decision,
});

/**
 * What a run may write between its start and its ending: words, and complete calls, some in parallel, some with
 * approval.
 */
const passage = fc.oneof(
  text.map((md): EventBody[] => [{ type: 'content', md }]),
  text.map((words): EventBody[] => [{ type: 'rationale', text: words }]),
  text.map((words): EventBody[] => [{ type: 'status', text: words }]),
  fc.constant<EventBody[]>([{ type: 'plan', items: [{ id: '1', text: 'Look', status: 'in_progress' }] }]),
  fc.constantFrom<'ok' | 'error'>('ok', 'error').map((status) => ['one', status] as const),
  fc.constantFrom('parallel', 'approved', 'rejected', 'asked first').map((kind) => [kind, 'ok'] as const),
);

/** Gives each call in the log its own id. */
function bodiesOf(passages: (EventBody[] | readonly [string, 'ok' | 'error'])[]): EventBody[] {
  return passages.flatMap((one, index): EventBody[] => {
    if (typeof one[0] !== 'string') return one as EventBody[];
    const [kind, status] = one as readonly [string, 'ok' | 'error'];
    const [a, b] = [`call_${index}a`, `call_${index}b`];
    if (kind === 'parallel') return [started(a), started(b), ended(b, 'ok'), ended(a, 'error')];
    if (kind === 'approved') return [started(a), asked(a), decided(a, 'approve'), ended(a, 'ok')];
    if (kind === 'rejected') return [started(a), asked(a), decided(a, 'reject'), ended(a, 'error')];
    if (kind === 'asked first') return [asked(a), decided(a, 'approve'), started(a), ended(a, 'ok')];
    return [started(a), { type: 'content', md: 'while it runs' }, ended(a, status)];
  });
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
