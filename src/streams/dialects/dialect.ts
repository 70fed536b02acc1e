import type { StreamEvent } from '@reprise/protocol';

/**
 * Why a stream closes: its log has ended; its run waits for a person, whose client cannot answer while a stream is open;
 * or the server stops serving it before that and the client must reconnect.
 */
export type Closing = 'ended' | 'paused' | 'interrupted';

/**
 * One way to write the log on the wire: a pure fold, so its bytes are shared by all clients that read the same place.
 * The state after an event depends only on the log up to that event.
 */
export interface Dialect<S = unknown> {
  /** What clients put into `?dialect=`. */
  readonly name: string;
  /** Response headers in addition to those of every event stream. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent after a silence; clients ignore it. */
  readonly heartbeat: string;
  /**
   * Whether `encode` uses the state. A stateful dialect folds the log from its first event, even for a client that
   * resumes in the middle.
   */
  readonly stateful: boolean;
  /** The state before the first event. Never mutated. */
  readonly initial: S;
  /**
   * The frames of one event, including closing blank lines, and the state after it; see {@link dataFrames}. Each event
   * has a frame with its id, so that a client can resume after any of them.
   */
  encode(state: S, event: StreamEvent): Encoded<S>;
  /** Sent first to a client that resumes: the parts of the answer that are open at this place. */
  preamble(state: S): string;
  /**
   * Sent last to a client. `undefined`: the connection is dropped instead, because this client takes a clean end for a
   * complete answer.
   * @param state after the last event that was sent
   */
  epilogue(closing: Closing, state: S): string | undefined;
}

/** The frames of one event or of several, and the state after them. */
export interface Encoded<S = unknown> {
  readonly frames: string;
  readonly state: S;
}

/** An SSE comment. */
export const COMMENT_HEARTBEAT = ': heartbeat\n\n';

/**
 * Frames that carry JSON. The event's id is only on the last one: a client that was disconnected between two of them
 * resumes before both. Without `data` there is one frame with the id alone, which clients remember and do not show.
 * @param id of the event; none for frames that belong to no event, such as those of a preamble
 */
export function dataFrames(data: readonly unknown[], id?: string): string {
  const frames = data.map((one) => `data: ${JSON.stringify(one)}\n\n`);
  if (id === undefined) return frames.join('');
  const last = frames.pop() ?? '\n';
  return `${frames.join('')}id: ${id}\n${last}`;
}

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
