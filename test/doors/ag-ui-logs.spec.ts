import { type StreamEvent } from '@reprise/protocol';
import fc from 'fast-check';
import { agUi } from '../../src/doors/ag-ui/index.js';
import { messagesOf, type AgUiState } from '../../src/doors/ag-ui/ag-state.js';
import { anyLog } from './logs.js';
import { eventsIn, plain, PlayedAgent, told, wordsOf } from './ag-ui-client.js';

/** What a client receives that has seen some events. */
function framesBehind(log: readonly StreamEvent[], seen: number): { frames: string; state: AgUiState } {
  let state = agUi.initial;
  for (const event of log.slice(0, seen)) ({ state } = agUi.encode(state, event));
  let frames = seen > 0 ? agUi.preamble(state) : '';
  for (const event of log.slice(seen)) {
    const encoded = agUi.encode(state, event);
    frames += encoded.frames;
    ({ state } = encoded);
  }
  return { frames: `${frames}${agUi.epilogue('ended', state)}`, state };
}

describe("AG-UI's client reads any log", () => {
  it('from its start and after every event: the same messages and state, by valid events', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, async (log) => {
        const whole = new PlayedAgent(eventsIn(framesBehind(log, 0).frames));
        const first = await told(whole);
        const failed = log.some(({ type }) => type === 'error');
        expect([first.finished.length, first.errors.length]).toEqual(failed ? [0, 1] : [1, 0]);
        expect(wordsOf(whole)).toBe(log.map((event) => (event.type === 'content' ? event.md : '')).join(''));
        const { state } = framesBehind(log, 0);
        expect(plain(messagesOf(state))).toEqual(plain(whole.messages));
        for (let seen = 1; seen < log.length; seen++) {
          const joined = new PlayedAgent(eventsIn(framesBehind(log, seen).frames));
          await told(joined);
          expect(plain([joined.messages, joined.state])).toEqual(plain([whole.messages, whole.state]));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('and every frame of an event except the last is without its id', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        let state = agUi.initial;
        for (const event of log) {
          const { frames, state: next } = agUi.encode(state, event);
          state = next;
          const ids = [...frames.matchAll(/^id: (\S+)$/gm)].map((match) => match[1]);
          expect(ids).toEqual([event.id]);
        }
      }),
      { numRuns: 20 },
    );
  });
});
