// An MCP server over standard input and output that misbehaves in every way a test wants. Plain JSON-RPC: no library
// keeps it from doing wrong. What was called is noted in the file STATE, which outlives the process.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setInterval } from 'node:timers';

const { STATE, SILENT, DEAF, BROKEN_START, COMPLAINTS } = process.env;
const note = (word) => STATE && appendFileSync(STATE, `${word}\n`);
const noted = (word) =>
  STATE && existsSync(STATE)
    ? readFileSync(STATE, 'utf8')
        .split('\n')
        .filter((line) => line === word).length
    : 0;

const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const said = (text) => ({ content: [{ type: 'text', text }] });

const READ = { readOnlyHint: true };
const ADD = { readOnlyHint: false, destructiveHint: false };
const AGAIN = { ...ADD, idempotentHint: true };
const OUTPUT = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };

/** Each gets the arguments, the id of the request and its progress token. */
const TOOLS = {
  echo: { annotations: READ, run: ({ text }) => said(text ?? 'nothing') },
  pid: { annotations: READ, run: () => said(String(process.pid)) },
  env: { annotations: READ, run: () => said(JSON.stringify(process.env)) },
  die: { annotations: ADD, run: () => process.exit(3) },
  die_once: {
    annotations: AGAIN,
    run: () => (noted('die_once') > 1 ? said('the second time') : process.exit(3)),
  },
  hang: { annotations: READ, run: () => undefined },
  garbage: {
    annotations: READ,
    run: () => {
      process.stdout.write(
        'no JSON at all\n{"jsonrpc":\n[]\n{"jsonrpc":"1.0","id":0}\n\u0000\u0001\n"text"\n',
      );
      write({ id: 987654, result: {} });
      write({ method: 'notifications/unheard_of', params: { a: 1 } });
      write({ id: 'x', method: 'sampling/createMessage', params: {} });
      return said('after the garbage');
    },
  },
  big: { annotations: READ, run: ({ bytes }) => said('x'.repeat(bytes)) },
  odd: {
    annotations: READ,
    run: () => ({
      content: [
        { type: 'hologram', data: 1 },
        { type: 'text', text: 'beside it' },
      ],
    }),
  },
  empty: { annotations: READ, run: () => ({}) },
  unstructured: { annotations: READ, outputSchema: OUTPUT, run: () => said('the text is here') },
  mismatch: {
    annotations: READ,
    outputSchema: OUTPUT,
    run: () => ({ ...said('the text is here'), structuredContent: { n: 'no number' } }),
  },
  deep: {
    annotations: READ,
    run: () => ({ content: [], structuredContent: JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`) }),
  },
  fail: { annotations: READ, run: () => ({ ...said('no such city'), isError: true }) },
  refuse: {
    annotations: READ,
    run: (_args, id) => void write({ id, error: { code: -32602, message: 'bad city sk-1234567890abcdef' } }),
  },
  grow: {
    annotations: ADD,
    run: () => {
      TOOLS.grown = { annotations: READ, run: () => said('I am new') };
      delete TOOLS.pid;
      write({ method: 'notifications/tools/list_changed' });
      return said('grown');
    },
  },
  progress: {
    annotations: READ,
    run: (_args, id, progressToken) => {
      for (const progress of [1, 2])
        write({
          method: 'notifications/progress',
          params: { progressToken, progress, message: `step ${progress}` },
        });
      setTimeout(() => write({ id, result: said('done') }), 20);
    },
  },
  cancelled: { annotations: READ, run: () => said(String(noted('notifications/cancelled'))) },
  unannotated: { run: ({ text = '' }) => said(`who knows ${text}`) },
  'with.dots/and spaces': { annotations: READ, run: () => said('a strange name') },
  'with_dots_and spaces': { annotations: READ, run: () => said('another') },
  [`long_${'x'.repeat(100)}`]: { annotations: READ, run: () => said('a long name') },
};

/** What a list may contain beside tools. */
const WRONG = [null, 'tool', {}, { name: 'schemaless' }, { name: 'list', inputSchema: { type: 'array' } }];

const list = () => [
  ...Object.entries(TOOLS).map(([name, { annotations, outputSchema }]) => ({
    name,
    inputSchema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', properties: {} },
    annotations,
    outputSchema,
  })),
  ...WRONG,
];

function answer({ id, method, params = {} }) {
  if (method === 'initialize')
    return {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'naughty', version: '1' },
    };
  if (method === 'tools/list') {
    // Two pages, and a third that is the second again.
    const all = list();
    return params.cursor === undefined
      ? { tools: all.slice(0, 5), nextCursor: 'next' }
      : { tools: all.slice(5), nextCursor: 'next' };
  }
  if (method === 'tools/call') {
    note(params.name);
    return TOOLS[params.name].run(params.arguments ?? {}, id, params._meta?.progressToken);
  }
  return {};
}

if (DEAF) process.on('SIGTERM', () => undefined);
if (DEAF) setInterval(() => undefined, 1000);
if (BROKEN_START) {
  process.stderr.write('Cannot open the vault: bad combination\n');
  process.exit(7);
}
note('start');
note(`pid ${process.pid}`);
for (let line = 1; line <= Number(COMPLAINTS ?? 0); line++)
  process.stderr.write(`complaint ${line} ${process.env.TOKEN}\n`);
if (COMPLAINTS) process.stderr.write(`${'z'.repeat(100_000)}\n`);
createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) return;
  if (message.id === undefined) {
    note(message.method);
    return;
  }
  if (SILENT) return;
  const result = answer(message);
  if (result) write({ id: message.id, result });
});
