/** The outcome of one answer of a model server. */
export interface Outcome {
  text: string;
  thought: string;
  calls: { name: string; args: string }[];
  usage: [prompt: number, completion: number, total: number] | undefined;
  /** How it ended: a finish reason, or the code of the error. */
  end: string;
  /** Text of the error. */
  error?: string;
}

/** Something that a model server has been seen to send, as bytes, and the right outcome. */
export interface Row {
  name: string;
  body: string;
  type?: string;
  want: Partial<Outcome>;
}

export const DONE = 'data: [DONE]\n\n';

/** One frame with any JSON. */
export const raw = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

/** One chunk with one choice. */
export const choice = (fields: object): string =>
  raw({
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, ...fields }],
  });

export const delta = (fields: object, finish_reason: string | null = null): string =>
  choice({ delta: fields, finish_reason });

export const text = (content: unknown): string => delta({ content });
export const stop = (reason = 'stop'): string => delta({}, reason);

/** Fragments of tool calls, a chunk each; then the end. */
export const calls = (...fragments: unknown[]): string =>
  fragments.map((fragment) => delta({ tool_calls: [fragment] })).join('') + stop('tool_calls') + DONE;

/** All fragments in one chunk; then the end. */
export const callsAtOnce = (...tool_calls: unknown[]): string =>
  delta({ tool_calls }) + stop('tool_calls') + DONE;
