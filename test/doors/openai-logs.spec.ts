import type { StreamEvent } from '@reprise/protocol';
import fc from 'fast-check';
import OpenAI from 'openai';
import OpenAI6 from 'openai6';
import type { Response as OpenAiResponse, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { openAi } from '../../src/doors/openai/index.js';
import { waitsForPeople } from '../../src/doors/openai/dialect/state.js';
import { answerOf } from '../support/client.js';
import { anyLog, FAILED, logOf } from './random-logs.js';

type State = typeof openAi.initial;

/** What a client receives, in which the frames of events after the first `seen` ones are missing. */
function framesOf(log: readonly StreamEvent[], from = 0): { frames: string; state: State } {
  let state = openAi.initial;
  let frames = '';
  for (const [index, event] of log.entries()) {
    const encoded = openAi.encode(state, event);
    if (index >= from) frames += encoded.frames;
    ({ state } = encoded);
  }
  return { frames: frames + (openAi.epilogue('ended', state) ?? ''), state };
}

const eventsIn = (frames: string): ResponseStreamEvent[] =>
  frames // not by a pattern: to those, U+2028 inside of the JSON ends a line
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice('data: '.length)) as ResponseStreamEvent);

const clientOf = (frames: string, Client: typeof OpenAI = OpenAI): OpenAI =>
  new Client({
    apiKey: 'any',
    baseURL: 'http://127.0.0.1:9/v1',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(frames, { headers: { 'content-type': 'text/event-stream' } })),
  });

/** How the helper of a client reads a stream. */
const read = (frames: string, Client?: typeof OpenAI): Promise<OpenAiResponse> =>
  clientOf(frames, Client).responses.stream({ response_id: 'resp_any' }).finalResponse();

const CLIENTS: [string, typeof OpenAI][] = [
  ['openai 7', OpenAI],
  ['openai 6', OpenAI6 as unknown as typeof OpenAI],
];
const STATUSES = { completed: 'completed', error: 'failed', cancelled: 'cancelled' } as const;

const endOf = (log: readonly StreamEvent[]): StreamEvent<'end'> => log.at(-1) as StreamEvent<'end'>;
const count = (log: readonly StreamEvent[], type: string): number =>
  log.filter((event) => event.type === type).length;

describe.each(CLIENTS)('the helper of %s reads any log', (_, Client) => {
  it('as its text, its thinking, its calls and its status', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, async (log) => {
        const response = await read(framesOf(log).frames, Client);
        expect(response.status).toBe(STATUSES[endOf(log).status]);
        expect(response.output_text).toBe(answerOf(log));
        const of = (type: string) => response.output.filter((item) => item.type === type);
        const ended = new Set(log.flatMap((event) => (event.type === 'tool_end' ? [event.call_id] : [])));
        const started = log.flatMap((event) => (event.type === 'tool_start' ? [event.call_id] : []));
        expect(of('mcp_call')).toHaveLength(new Set([...ended, ...started]).size);
        expect(of('mcp_approval_request')).toEqual([]); // nobody can decide any more
        const thoughts = of('reasoning').flatMap((item) => (item.type === 'reasoning' ? item.summary : []));
        expect(thoughts).toHaveLength(count(log, 'rationale'));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the log as events of the Responses API', () => {
  it('is numbered from 0 without gaps, and each event of the log has one frame with its id', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const { frames } = framesOf(log);
        expect(eventsIn(frames).map((event) => event.sequence_number)).toEqual(
          eventsIn(frames).map((_, index) => index),
        );
        expect([...frames.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id)).toEqual(log.map(({ id }) => id));
      }),
    );
  });

  it('is the same after each resume', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const whole = framesOf(log).frames;
        for (let seen = 1; seen <= log.length; seen++) {
          const before = framesOf(log.slice(0, seen));
          expect(openAi.preamble(before.state)).toBe('');
          expect(before.frames + framesOf(log, seen).frames).toBe(whole);
        }
      }),
    );
  });

  it('says what failed, and that it does not know how the rest went', async () => {
    const log = logOf(
      [
        { type: 'tool_start', call_id: 'c', name: 'search', args_summary: 'x' },
        { type: 'content', md: 'So far' },
      ],
      FAILED,
    );
    const response = await read(framesOf(log).frames);
    expect(response).toMatchObject({
      status: 'failed',
      output_text: 'So far',
      error: { code: 'model_unavailable', message: 'the scripted failure' },
      output: [{ type: 'mcp_call', status: 'incomplete', arguments: '{"args_summary":"x"}' }, {}],
    });
  });

  it('can be read up to a question, and then from there', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, async (log) => {
        const whole = eventsIn(framesOf(log).frames);
        for (let seen = 1; seen < log.length; seen++) {
          const { frames, state } = framesOf(log.slice(0, seen));
          if (!waitsForPeople(state)) continue;
          const last = openAi.epilogue('paused', state) ?? '';
          const response = await read(frames + last);
          expect(response).toMatchObject({ status: 'completed', output_text: answerOf(log.slice(0, seen)) });
          expect(response.output.some((item) => item.type === 'mcp_approval_request')).toBe(true);
          const seenNumbers = eventsIn(frames + last).map((event) => event.sequence_number);
          expect(seenNumbers).toEqual(seenNumbers.map((_, index) => index));
          // The number of the last frame is taken again, by an event that says nothing else.
          const next = whole.find((event) => event.sequence_number === seenNumbers.length - 1);
          expect(next?.type).toBe('response.in_progress');
        }
      }),
      { numRuns: 60 },
    );
  });
});
