import type { StreamEvent } from '@reprise/protocol';

/** Why a stream closes: its log has ended, or the server stops serving it before that and the client is to reconnect. */
export type Closing = 'ended' | 'interrupted';

/**
 * One way to write the log on the wire: a pure fold, so its bytes are shared by everyone who reads the same place.
 * The state after an event depends on the log up to that event and on nothing else.
 */
export interface Dialect<S = unknown> {
  /** What clients put into `?dialect=`. */
  readonly name: string;
  /** Response headers beside those of every event stream. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent after a silence; clients ignore it. */
  readonly heartbeat: string;
  /**
   * Whether `encode` looks at the state. A stateful dialect folds the log from its first event, also for a client that
   * resumes in the middle.
   */
  readonly stateful: boolean;
  /** The state before the first event. Never changed in place. */
  readonly initial: S;
  /**
   * The frames of one event, closing blank lines included, and the state after it. The event's id stands on its last
   * frame only: a client that was cut between two of them resumes before both.
   */
  encode(state: S, event: StreamEvent): Encoded<S>;
  /** What a client that resumes is told first: the parts of the answer that are open at this place. */
  preamble(state: S): string;
  /**
   * What a client is told last. `undefined`: the connection is cut instead, because this client takes an orderly end for
   * a complete answer.
   */
  epilogue(closing: Closing): string | undefined;
}

/** The frames of one event or of several, and the state behind them. */
export interface Encoded<S = unknown> {
  readonly frames: string;
  readonly state: S;
}

/** An SSE comment. */
export const COMMENT_HEARTBEAT = ': heartbeat\n\n';

/** A dialect in which each event stands for itself. */
export function eachEvent(name: string, frameOf: (event: StreamEvent) => string): Dialect<null> {
  return {
    name,
    heartbeat: COMMENT_HEARTBEAT,
    stateful: false,
    initial: null,
    encode: (_, event) => ({ frames: frameOf(event), state: null }),
    preamble: () => '',
    epilogue: () => '',
  };
}
