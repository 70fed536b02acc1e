import { choice, DONE, raw, stop, text, type Row } from './row.js';

const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const answer = { text: 'A', end: 'stop' };
const usage = (value: unknown, want: [number, number, number] | undefined): Row => ({
  name: `usage ${JSON.stringify(value)}`,
  body: text('A') + stop() + raw({ choices: [], usage: value }) + DONE,
  want: { ...answer, usage: want },
});

/** Tokens as servers count them. */
export const USAGE_ROWS: Row[] = [
  usage(USAGE, [3, 2, 5]),
  usage({ prompt_tokens: 3, completion_tokens: 2 }, [3, 2, 5]),
  usage({}, undefined),
  usage(null, undefined),
  usage([], undefined),
  usage('many', undefined),
  usage({ prompt_tokens: 11, total_tokens: 11 }, [11, 0, 11]),
  usage({ input_tokens: 3, output_tokens: 2 }, [3, 2, 5]),
  usage({ prompt_tokens: null, completion_tokens: 2, total_tokens: null }, [0, 2, 2]),
  usage({ prompt_tokens: '3', completion_tokens: '2' }, [3, 2, 5]),
  usage({ prompt_tokens: -1, completion_tokens: 2 }, [0, 2, 2]),
  usage({ prompt_tokens: 'NaN', completion_tokens: { a: 1 }, total_tokens: 7 }, [0, 0, 7]),
  usage({ prompt_tokens: 2.9, completion_tokens: 1e300 }, [2, 1e12, 1e12 + 2]),
  {
    name: 'usage in the choice',
    body: text('A') + choice({ delta: {}, finish_reason: 'stop', usage: USAGE }) + DONE,
    want: { ...answer, usage: [3, 2, 5] },
  },
  {
    name: 'usage of Groq',
    body: text('A') + stop() + raw({ choices: [], x_groq: { usage: USAGE } }) + DONE,
    want: { ...answer, usage: [3, 2, 5] },
  },
  {
    name: 'usage without choices',
    body: text('A') + stop() + raw({ id: 'x', usage: USAGE }) + DONE,
    want: { ...answer, usage: [3, 2, 5] },
  },
  {
    name: 'usage with null for choices',
    body: text('A') + stop() + raw({ choices: null, usage: USAGE }) + DONE,
    want: { ...answer, usage: [3, 2, 5] },
  },
  {
    name: 'a growing usage in each chunk',
    body:
      raw({
        choices: [{ index: 0, delta: { content: 'A' } }],
        usage: { prompt_tokens: 3, completion_tokens: 1 },
      }) +
      raw({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: USAGE }) +
      DONE,
    want: { ...answer, usage: [3, 2, 5] },
  },
  {
    name: 'a number that JSON takes for infinite',
    body: `${text('A')}${stop()}data: {"usage":{"prompt_tokens":1e999,"completion_tokens":2}}\n\n${DONE}`,
    want: { ...answer, usage: [0, 2, 2] },
  },
];
