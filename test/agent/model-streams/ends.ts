import { choice, DONE, raw, stop, text, type Row } from './row.js';

const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const answer = { text: 'A', end: 'stop' };
const usage = (value: unknown, want: [number, number, number] | undefined): Row => ({
  name: `usage ${JSON.stringify(value)}`,
  body: text('A') + stop() + raw({ choices: [], usage: value }) + DONE,
  want: { ...answer, usage: want },
});
const behind = (name: string, frames: string): Row => ({
  name: `${name}, behind the answer and before it`,
  body: frames + text('A') + frames + stop() + frames + DONE + frames,
  want: answer,
});

const USAGE_ROWS: Row[] = [
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

const KEEPALIVE_ROWS: Row[] = [
  behind('a ping', raw({ type: 'ping' })),
  behind('an event of the name ping', 'event: ping\ndata: {}\n\n'),
  behind('null', 'data: null\n\n'),
  behind('numbers and words', 'data: 7\n\ndata: ping\n\ndata: "x"\n\ndata: true\n\n'),
  behind('an empty list and an empty object', 'data: []\n\ndata: {}\n\n'),
  behind('comments', ': keep-alive\n\n:\n\n'),
  behind('empty data', 'data:\n\ndata: \n\n'),
  behind(
    'choices that are none',
    raw({ choices: [null, 1, 'x', []] }) + raw({ choices: {} }) + raw({ choices: 'x' }),
  ),
  behind(
    "Azure's content filter",
    choice({ finish_reason: null, content_filter_results: {}, content_filter_offsets: { check_offset: 44 } }),
  ),
  behind("Azure's prompt filter", raw({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] })),
  behind('null for the delta', choice({ delta: null, finish_reason: null })),
  behind(
    'errors that are none',
    raw({ error: null, choices: [] }) +
      raw({ error: {}, choices: [] }) +
      raw({ error: false }) +
      raw({ error: '' }),
  ),
];

const finish = (reason: string, end: string): Row => ({
  name: `finish_reason ${JSON.stringify(reason)}`,
  body: text('A') + stop(reason) + DONE,
  want: { text: 'A', end },
});

const FINISH_ROWS: Row[] = [
  ...[
    'stop',
    'eos',
    'eos_token',
    'end_turn',
    'end',
    'stop_sequence',
    'COMPLETE',
    'STOP',
    'tool-calls',
    'tool_use',
    '<|eot_id|>',
    '</s>',
    'FINISH_REASON_STOP',
  ].map((reason) => finish(reason, 'stop')),
  ...[
    'length',
    'max_tokens',
    'MAX_TOKENS',
    'model_length',
    'max_output_tokens',
    'token_limit',
    'model_context_window_exceeded',
  ].map((reason) => finish(reason, 'length')),
  ...[
    'content_filter',
    'SAFETY',
    'sensitive',
    'RECITATION',
    'PROHIBITED_CONTENT',
    'guardrail_intervened',
    'refusal',
  ].map((reason) => finish(reason, 'content_filter')),
  ...[
    'error',
    'abort',
    'network_error',
    'insufficient_system_resource',
    'cancelled',
    'time_limit',
    'MALFORMED_FUNCTION_CALL',
    'unload',
    'OTHER',
    'whatever',
    '[object Object]',
  ].map((reason) => finish(reason, 'model_stream_broken')),
  {
    name: 'an empty finish_reason in each chunk',
    body: choice({ delta: { content: 'A' }, finish_reason: '' }) + stop('') + stop() + DONE,
    want: answer,
  },
  {
    name: 'an empty finish_reason and nothing else',
    body: choice({ delta: { content: 'A' }, finish_reason: '' }),
    want: { text: 'A', end: 'model_stream_broken' },
  },
  { name: 'two finish chunks', body: text('A') + stop() + stop() + DONE, want: answer },
  {
    name: 'length behind stop',
    body: text('A') + stop() + stop('length') + DONE,
    want: { text: 'A', end: 'length' },
  },
  {
    name: 'finish reasons that are no text',
    body:
      choice({ delta: { content: 'A' }, finish_reason: { type: 'stop' } }) +
      choice({ delta: {}, finish_reason: 7 }) +
      DONE,
    want: answer,
  },
  { name: '[DONE] without a finish reason', body: text('A') + DONE, want: answer },
  { name: '[DONE] in small letters and with blanks', body: `${text('A')}data:  [done] \n\n`, want: answer },
  {
    name: 'a cut line',
    body: text('A'),
    want: { text: 'A', end: 'model_stream_broken', error: 'The connection to the model was cut.' },
  },
  { name: 'a finish reason without [DONE]', body: text('A') + stop(), want: answer },
  {
    name: 'a cut frame behind the finish reason',
    body: `${text('A')}${stop()}data: {"usage":{"prom`,
    want: answer,
  },
  {
    name: 'a cut frame',
    body: `${text('A')}data: {"choices":[{"del`,
    want: { text: 'A', end: 'model_stream_broken' },
  },
  { name: 'nothing', body: '', want: { text: '', end: 'model_stream_broken' } },
];

const FRAMING_ROWS: Row[] = [
  { name: 'a last frame without its blank line', body: text('A') + stop().trimEnd(), want: answer },
  { name: '[DONE] without its blank line', body: `${text('A')}data: [DONE]`, want: answer },
  {
    name: 'no blank behind the colon',
    body: (text('A') + stop() + DONE).replaceAll('data: ', 'data:'),
    want: answer,
  },
  { name: 'CRLF', body: (text('A') + stop() + DONE).replaceAll('\n', '\r\n'), want: answer },
  { name: 'CR', body: (text('A') + stop() + DONE).replaceAll('\n', '\r'), want: answer },
  { name: 'a byte order mark', body: `\ufeff${text('A')}${stop()}${DONE}`, want: answer },
  {
    name: 'line separators and half characters',
    body: text('a\u2028b\ud83d') + text('\ude00') + stop() + DONE,
    want: { text: 'a\u2028b😀' },
  },
  {
    name: 'names and numbers of events',
    body: `event: message\nid: 7\nretry: 10\n${text('A')}${stop()}${DONE}`,
    want: answer,
  },
  {
    name: 'a chunk over several lines',
    body: `data: {"choices":[{"index":0,\ndata: "delta":{"content":"A"}}]}\n\n${stop()}${DONE}`,
    want: answer,
  },
  {
    name: 'several chunks in a list',
    body: `data: [{"choices":[{"delta":{"content":"A"}}]},{"choices":[{"delta":{},"finish_reason":"stop"}]}]\n\n${DONE}`,
    want: answer,
  },
  {
    name: 'a chunk of 300 kB',
    body: text('x'.repeat(300_000)) + stop() + DONE,
    want: { text: 'x'.repeat(300_000), end: 'stop' },
  },
  {
    name: 'a JSON body',
    type: 'application/json',
    body: JSON.stringify(
      {
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content: 'A' }, finish_reason: 'stop' }],
        usage: USAGE,
      },
      null,
      2,
    ),
    want: { ...answer, usage: [3, 2, 5] },
  },
  {
    name: 'a JSON body under the name of a stream, with a call',
    body: JSON.stringify({
      choices: [
        {
          message: {
            content: null,
            tool_calls: [
              { id: 'a', type: 'function', function: { name: 'echo', arguments: '{"text":"x"}' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
    }),
    want: { calls: [{ name: 'echo', args: '{"text":"x"}' }], end: 'tool_calls' },
  },
  {
    name: 'a JSON body without a finish reason',
    type: 'application/json',
    body: '{"choices":[{"message":{"content":"A"}}]}',
    want: answer,
  },
  {
    name: 'JSON lines',
    type: 'application/x-ndjson',
    body: '{"choices":[{"delta":{"content":"A"}}]}\n{"choices":[{"delta":{},"finish_reason":"stop"}]}\n',
    want: answer,
  },
  {
    name: 'half a JSON body',
    type: 'application/json',
    body: '{"choices":[{"message":{"content":"A"',
    want: { text: '', end: 'model_stream_broken' },
  },
  {
    name: 'a web page',
    type: 'text/html',
    body: '<html>Welcome</html>',
    want: { text: '', end: 'model_stream_broken' },
  },
];

const failing = (name: string, frames: string, end: string, error?: string): Row => ({
  name: `an error: ${name}`,
  body: text('A') + frames + stop() + DONE,
  want: { text: 'A', end, ...(error !== undefined && { error }) },
});
const tooLong = 'The model provider refused the request (context_length_exceeded).';

const ERROR_ROWS: Row[] = [
  failing(
    'a word in code',
    raw({ error: { code: 'context_length_exceeded', message: 'sk-secret' } }),
    'model_rejected',
    tooLong,
  ),
  failing(
    'inside the choice',
    choice({ error: { code: 'context_length_exceeded' }, finish_reason: 'error' }),
    'model_rejected',
    tooLong,
  ),
  failing(
    'beside finish_reason error',
    choice({ delta: {}, message: { error: { code: 429 } }, finish_reason: 'error' }),
    'model_rate_limited',
  ),
  failing(
    'finish_reason error with words',
    choice({ delta: {}, message: 'sk-secret', finish_reason: 'error' }),
    'model_stream_broken',
    'The model provider reported a failure inside its answer.',
  ),
  failing(
    'in an event of that name',
    `event: error\n${raw({ code: 402, message: 'pay' })}`,
    'model_rejected',
    'The model provider refused the request (HTTP 402).',
  ),
  failing(
    'words in an event of that name',
    'event: error\ndata: sk-secret failed\n\n',
    'model_stream_broken',
    'The model provider reported a failure inside its answer.',
  ),
  failing(
    'in a field of that name',
    'error: {"code":503,"message":"Loading model","type":"unavailable_error"}\n\n',
    'model_unavailable',
  ),
  failing(
    'number 400',
    raw({ error: { code: 400, message: 'x' } }),
    'model_rejected',
    'The model provider refused the request (HTTP 400).',
  ),
  failing(
    'number 429',
    raw({ error: { code: 429 } }),
    'model_rate_limited',
    'The model provider is limiting our requests.',
  ),
  failing('number 429 as text', raw({ error: { code: '429' } }), 'model_rate_limited'),
  failing(
    'number 503',
    raw({ error: { code: 503 } }),
    'model_unavailable',
    'The model provider is not available at the moment (HTTP 503).',
  ),
  failing('number in status', raw({ error: { status: 502, message: 'x' } }), 'model_unavailable'),
  failing(
    'the word in type, the number in code',
    raw({ error: { code: 400, type: 'exceed_context_size_error', n_ctx: 8192 } }),
    'model_rejected',
    'The model provider refused the request (HTTP 400, exceed_context_size_error).',
  ),
  failing('a word in type', raw({ error: { type: 'rate_limit_error', message: 'x' } }), 'model_rate_limited'),
  failing(
    'overloaded',
    raw({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    'model_unavailable',
    'The model provider is not available at the moment (overloaded_error).',
  ),
  failing("Google's words", raw({ error: { code: 8, status: 'RESOURCE_EXHAUSTED' } }), 'model_rate_limited'),
  failing(
    'no money',
    raw({ error: { code: 'insufficient_quota', type: 'insufficient_quota' } }),
    'model_rate_limited',
    "The model provider's quota is used up.",
  ),
  failing(
    'a class name',
    raw({ error: { type: 'BadRequestError', message: 'x' } }),
    'model_rejected',
    'The model provider refused the request (bad_request_error).',
  ),
  failing(
    'the whole chunk',
    raw({ object: 'error', message: 'x', type: 'NotFoundError', code: 404 }),
    'model_rejected',
    'The model provider refused the request (HTTP 404, not_found_error). Check OPENAI_MODEL and OPENAI_BASE_URL.',
  ),
  failing(
    'number and words where a chunk was expected',
    raw({ code: 500, message: 'x' }),
    'model_unavailable',
  ),
  failing(
    'wrapped by a gateway',
    raw({ error: { message: 'Provider returned error', code: 500, error: { code: 429 } } }),
    'model_rate_limited',
  ),
  failing(
    'a text',
    raw({ error: 'sk-secret went wrong' }),
    'model_stream_broken',
    'The model provider reported a failure inside its answer.',
  ),
  failing('a word that nobody knows', raw({ error: { code: 'strange' } }), 'model_stream_broken'),
  failing('a time-out', raw({ error: { type: 'timeout_error' } }), 'model_unavailable'),
  failing(
    'a deadline',
    raw({ error: { message: 'x', code: 'context_deadline_exceeded' } }),
    'model_unavailable',
  ),
  failing('a list of errors', raw([{ error: { code: 429 } }]), 'model_rate_limited'),
  {
    name: 'an error as JSON body of a 200',
    type: 'application/json',
    body: '{"error":{"code":"model_not_found"}}',
    want: { text: '', end: 'model_rejected' },
  },
];

/** How answers end, what is counted, how frames are cut. */
export const END_ROWS: Row[] = [
  ...USAGE_ROWS,
  ...KEEPALIVE_ROWS,
  ...FINISH_ROWS,
  ...FRAMING_ROWS,
  ...ERROR_ROWS,
];
