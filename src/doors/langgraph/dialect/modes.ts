/** What a client can ask to be sent: `stream_mode`. */
export const STREAM_MODES = [
  'values',
  'messages',
  'messages-tuple',
  'updates',
  'custom',
  'events',
  'tools',
  // Of these there is nothing to send: they describe steps of a graph.
  'debug',
  'tasks',
  'checkpoints',
  'lifecycle',
] as const;

/** One of {@link STREAM_MODES}. */
export type StreamMode = (typeof STREAM_MODES)[number];

/** Some modes. */
export type Modes = ReadonlySet<StreamMode>;

/** For a new run whose client names none, as LangGraph has it. */
export const MODES_OF_A_RUN: readonly StreamMode[] = ['values'];

/** For a client that joins a run without naming any: all that `useStream` reads. */
export const MODES_OF_A_JOIN: readonly StreamMode[] = ['values', 'messages-tuple', 'updates', 'custom'];

/** The same modes have the same name, whatever their order. */
export function nameOf(modes: Modes): string {
  return STREAM_MODES.filter((mode) => modes.has(mode)).join(',');
}
