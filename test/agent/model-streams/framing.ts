import { DONE, stop, text, type Row } from './row.js';

const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const answer = { text: 'A', end: 'stop' };

/** How servers split their bytes. */
export const FRAMING_ROWS: Row[] = [
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
    name: 'a byte order mark before each frame',
    body: [text('A'), text('\ufeffB'), stop(), DONE].map((frame) => `\ufeff${frame}`).join(''),
    want: { text: 'A\ufeffB', end: 'stop' },
  },
  {
    name: 'no blank lines between frames',
    body: (text('A') + stop() + DONE).replaceAll('\n\n', '\n'),
    want: answer,
  },
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
    want: { text: '', end: 'model_rejected' },
  },
];
