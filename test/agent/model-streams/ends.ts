import { choice, DONE, raw, stop, text, type Row } from './row.js';

const answer = { text: 'A', end: 'stop' };
const behind = (name: string, frames: string): Row => ({
  name: `${name}, behind the answer and before it`,
  body: frames + text('A') + frames + stop() + frames + DONE + frames,
  want: answer,
});

/** What keeps a connection alive, or says nothing about the answer. */
export const KEEPALIVE_ROWS: Row[] = [
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

/** How answers end. */
export const FINISH_ROWS: Row[] = [
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
    want: { text: 'A', end: 'model_stream_broken', error: 'The connection to the model was lost.' },
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
