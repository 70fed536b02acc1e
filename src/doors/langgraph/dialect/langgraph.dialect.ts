import type { StreamEvent } from '@reprise/protocol';
import { COMMENT_HEARTBEAT, type Closing, type Dialect, type Encoded } from '../../../streams/index.js';
import { framesOf } from './event-frames.js';
import { END, written } from './frames.js';
import { interruptsOf } from './interrupt.js';
import { MODES_OF_A_JOIN } from './modes.js';
import { valuesOf, type LangGraphState, type RunContext } from './state.js';
import { NOTHING, transcriptAfter } from './transcript.js';

const INITIAL: LangGraphState = { transcript: NOTHING, runId: '', told: undefined, shown: 0 };

/**
 * LangGraph's stream, as `@langchain/langgraph-sdk` reads it. `values` frames hold the whole thread, which the log of
 * one run does not: what comes before the run is given. It does not change once the run has begun, so the state still
 * depends on the log alone.
 */
export class LangGraphDialect implements Dialect<LangGraphState> {
  readonly name = 'langgraph';
  readonly heartbeat = COMMENT_HEARTBEAT;
  readonly stateful = true;
  readonly initial = INITIAL;

  constructor(private readonly context: RunContext) {}

  encode(state: LangGraphState, event: StreamEvent): Encoded<LangGraphState> {
    const transcript = transcriptAfter(state.transcript, event);
    const next = { ...state, runId: event.message_id, transcript };
    const { frames, told, shown } = framesOf(this.context, { before: state, event, after: next });
    return { frames: written(frames, event.id), state: { ...next, told, shown } };
  }

  /** A client that resumes by id has all that was sent before. */
  preamble(): string {
    return '';
  }

  /**
   * At a pause, what people have to decide: its client cannot answer while the stream is open. A stream that the server
   * stops is dropped: this client resumes by itself, and would have to be told that a clean end is none.
   */
  epilogue(closing: Closing, state: LangGraphState): string | undefined {
    if (closing === 'interrupted') return undefined;
    if (closing === 'ended') return '';
    const interrupts = interruptsOf(state.transcript, state.runId);
    const { modes } = this.context;
    const values = this.values(state);
    // `useStream` takes nothing but the interrupts from a frame that has some.
    const asked = [values, { ...values, __interrupt__: interrupts }];
    return written([
      ...(modes.has('updates') ? [{ event: 'updates', data: { __interrupt__: interrupts } }] : []),
      ...(modes.has('values') ? asked.map((data) => ({ event: 'values', data })) : []),
      END,
    ]);
  }

  /** Sent first to a client that has just answered an interrupt: what it has, without the question. */
  resumed(state: LangGraphState): string {
    const { modes } = this.context;
    return written([
      { event: 'metadata', data: { run_id: state.runId, attempt: 1 } },
      ...(modes.has('values') ? [{ event: 'values', data: this.values(state) }] : []),
    ]);
  }

  /** The whole thread at a place of the log. */
  values({ transcript }: LangGraphState): Readonly<Record<string, unknown>> {
    return valuesOf(this.context.before(), transcript);
  }
}

/** A log by itself, without the thread that it belongs to: `?dialect=langgraph`. */
export const langGraph = new LangGraphDialect({ modes: new Set(MODES_OF_A_JOIN), before: () => [] });
