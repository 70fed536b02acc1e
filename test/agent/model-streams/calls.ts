import { callsAtOnce, calls, choice, delta, DONE, raw, stop, type Row } from './row.js';

const A = '{"path":"a","content":"A"}';
const B = '{"path":"b","content":"B"}';
const write = (args: unknown, fields: object = {}) => ({
  ...fields,
  function: { name: 'write_file', arguments: args },
});
const one = { calls: [{ name: 'write_file', args: A }], end: 'tool_calls' };
const two = { calls: [...one.calls, { name: 'write_file', args: B }], end: 'tool_calls' };
const more = (args: string, fields: object = {}) => ({ ...fields, function: { arguments: args } });
const [head, middle, tail] = ['{"pa', 'th":"a",', '"content":"A"}'] as const;

/** How servers send tool calls. */
export const CALL_ROWS: Row[] = [
  { name: 'two whole calls without ids and indexes', body: callsAtOnce(write(A), write(B)), want: two },
  {
    name: 'two whole calls in two chunks, without ids and indexes',
    body: calls(write(A), write(B)),
    want: two,
  },
  {
    name: 'two whole calls of index 0 with empty ids',
    body: calls(write(A, { index: 0, id: '' }), write(B, { index: 0, id: '' })),
    want: two,
  },
  {
    name: 'two whole calls of index 0 with ids',
    body: calls(write(A, { index: 0, id: 'a' }), write(B, { index: 0, id: 'b' })),
    want: two,
  },
  { name: 'two whole calls of one id', body: calls(write(A, { id: 'a' }), write(B, { id: 'a' })), want: two },
  {
    name: 'two calls whose fragments alternate',
    body: calls(
      write('', { index: 0, id: 'a' }),
      write('', { index: 1, id: 'b' }),
      more(head, { index: 0 }),
      more(B, { index: 1 }),
      more(middle + tail, { index: 0 }),
    ),
    want: two,
  },
  {
    name: 'a new id with each fragment',
    body: calls(
      write('', { index: 0, id: 'f1' }),
      more(head, { index: 0, id: 'f2' }),
      more(middle + tail, { index: 0, id: 'f3' }),
    ),
    want: one,
  },
  {
    name: 'the name at index 0, the arguments at index 1',
    body: calls(
      write('', { index: 0, id: 'a' }),
      more(head, { index: 1 }),
      more(middle + tail, { index: 1 }),
    ),
    want: one,
  },
  {
    name: 'the first fragment with an index, the rest without',
    body: calls(write('', { index: 0, id: 'a' }), more(head), more(middle), more(tail)),
    want: one,
  },
  {
    name: 'indexes as text, then as numbers',
    body: calls(
      write('', { index: '0', id: 'a' }),
      more(head, { index: 0 }),
      more(middle + tail, { index: '0' }),
    ),
    want: one,
  },
  {
    name: 'name and id with each fragment',
    body: calls(
      write(head, { index: 0, id: 'a' }),
      write(middle, { index: 0, id: 'a' }),
      write(tail, { index: 0, id: 'a' }),
    ),
    want: one,
  },
  {
    name: 'the name with each fragment, the id at first',
    body: calls(write(head, { index: 0, id: 'a' }), write(middle + tail, { index: 0 })),
    want: one,
  },
  {
    name: 'the name once more, without arguments, at the end',
    body: calls(write(A, { index: 0, id: 'a' }), write('', { index: 0, id: 'a' })),
    want: one,
  },
  {
    name: 'the finished call once more',
    body: calls(write(A, { index: 0, id: 'a' }), write(A, { index: 0, id: 'a' })),
    want: one,
  },
  { name: 'the id before the name', body: calls({ index: 0, id: 'a' }, write(A, { index: 0 })), want: one },
  {
    name: 'ids alone behind a finished call',
    body: calls(write(A, { index: 0, id: 'a' }), { index: 1, id: 'b' }, write(B, { index: 1 })),
    want: two,
  },
  {
    name: 'fragments told apart by their ids alone',
    body: calls(write('', { id: 'a' }), write('', { id: 'b' }), more(A, { id: 'a' }), more(B, { id: 'b' })),
    want: two,
  },
  { name: 'an id that is a number', body: calls(write(A, { index: 0, id: 7 })), want: one },
  {
    name: 'null for what is missing',
    body: calls(write(null, { index: null, id: null, type: null }), {
      index: null,
      id: null,
      function: { name: null, arguments: A },
    }),
    want: one,
  },
  { name: 'arguments as an object', body: callsAtOnce(write({ path: 'a', content: 'A' })), want: one },
  {
    name: 'arguments as an object, in two calls',
    body: callsAtOnce(write(JSON.parse(A)), write(JSON.parse(B))),
    want: two,
  },
  {
    name: 'empty text first, then arguments as an object',
    body: calls(write('', { index: 0 }), { index: 0, function: { arguments: JSON.parse(A) as unknown } }),
    want: one,
  },
  {
    name: 'a call that is no list',
    body: delta({ tool_calls: write(A, { id: 'a' }) }) + stop('tool_calls') + DONE,
    want: one,
  },
  {
    name: 'the call with the finish reason',
    body:
      choice({ delta: { tool_calls: [write(A, { index: 0, id: 'a' })] }, finish_reason: 'tool_calls' }) +
      DONE,
    want: one,
  },
  { name: 'a call behind `stop`', body: delta({ tool_calls: [write(A)] }) + stop('stop') + DONE, want: one },
  {
    name: 'the old function_call',
    body:
      delta({ function_call: { name: 'write_file', arguments: head } }) +
      delta({ function_call: { arguments: middle + tail } }) +
      stop('function_call') +
      DONE,
    want: one,
  },
  {
    name: 'arguments before the name',
    body: calls(more(head, { index: 0, id: 'a' }), {
      index: 0,
      function: { name: 'write_file', arguments: middle + tail },
    }),
    want: one,
  },
  {
    name: 'arguments whose name never comes',
    body: calls(more(A, { index: 0 })),
    want: { calls: [{ name: '', args: A }] },
  },
  {
    name: 'calls that are no calls',
    body: delta({ tool_calls: [null, 3, 'x', [], {}] }) + delta({ content: 'A' }) + stop() + DONE,
    want: { text: 'A', calls: [], end: 'stop' },
  },
  {
    name: 'a call of a whole message',
    body:
      choice({
        message: { role: 'assistant', content: null, tool_calls: [write(A, { id: 'a' })] },
        finish_reason: 'tool_calls',
      }) + DONE,
    want: one,
  },
  {
    name: 'the whole message behind its fragments',
    body:
      delta({ tool_calls: [write(A, { index: 0, id: 'a' })] }) +
      choice({
        message: { content: null, tool_calls: [write(A, { id: 'a' })] },
        finish_reason: 'tool_calls',
      }) +
      DONE,
    want: one,
  },
  {
    name: 'more calls than anybody plans',
    body: Array.from({ length: 129 }, (_, index) =>
      delta({ tool_calls: [write(A, { index, id: `c${index}` })] }),
    ).join(''),
    want: { calls: [], end: 'model_stream_broken' },
  },
  {
    name: 'arguments that are a list',
    body: callsAtOnce(write(['a'])),
    want: { calls: [{ name: 'write_file', args: '["a"]' }] },
  },
  {
    name: 'a call cut by the length',
    body: delta({ tool_calls: [write(head, { index: 0, id: 'a' })] }) + stop('length') + DONE,
    want: { calls: [{ name: 'write_file', args: head }], end: 'length' },
  },
  {
    name: 'a call and a cut line',
    body: delta({ tool_calls: [write(A)] }),
    want: { calls: [], end: 'model_stream_broken' },
  },
  ...[
    'functions.write_file',
    'functions:write_file',
    'function.write_file',
    'tools.write_file',
    'default_api.write_file',
    'write_file<|channel|>commentary',
    'write_file<|channel|>json',
    '<|channel|>commentary to=functions.write_file <|constrain|>json',
    'assistant<|channel|>analysis to=functions.write_file code',
    '<|constrain|>write_file',
    'functions.write_file:0',
    ' write_file\n',
    'write_file()',
  ].map((name) => ({
    name: `the name ${JSON.stringify(name)}`,
    body: callsAtOnce({ index: 0, id: 'a', function: { name, arguments: A } }),
    want: one,
  })),
  ...[
    ['torn', 'write_', 'file'],
    ['torn in three', 'wri', 'te_', 'file'],
    ['torn, with a namespace', 'functions.wri', 'te_file'],
    ['that grows', 'write', 'write_file'],
  ].flatMap(([how = '', ...names]) =>
    [
      [{ index: 0, id: 'a' }, { index: 0 }],
      [
        { index: 0, id: 'a' },
        { index: 0, id: 'a' },
      ],
      [{}, {}],
    ].map(([first = {}, later = {}], kind) => ({
      name: `a name ${how}, ${['one id', 'the id each time', 'no id'][kind] ?? ''}`,
      body: calls(
        ...names.map((name, place) => ({ ...(place === 0 ? first : later), function: { name } })),
        more(A, later),
      ),
      want: one,
    })),
  ),
  {
    name: 'two tools without arguments, in two chunks, one index',
    body: calls({ index: 0, function: { name: 'list' } }, { index: 0, function: { name: 'list_files' } }),
    want: {
      calls: [
        { name: 'list', args: '' },
        { name: 'list_files', args: '' },
      ],
    },
  },
  {
    name: 'two tools that there are not',
    body: calls({ index: 0, function: { name: 'look' } }, { index: 0, function: { name: 'up' } }),
    want: {
      calls: [
        { name: 'look', args: '' },
        { name: 'up', args: '' },
      ],
    },
  },
  {
    name: 'calls of two choices',
    body:
      raw({
        choices: [
          { index: 0, delta: { tool_calls: [write(A)] } },
          { index: 1, delta: { tool_calls: [write(B)] } },
        ],
      }) +
      stop('tool_calls') +
      DONE,
    want: one,
  },
];
