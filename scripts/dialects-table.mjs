// Writes docs/dialects.md: what every dialect makes of every event, as their folds do it. `--check` changes nothing and
// fails if the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventTypes, mintEventId } from '@reprise/protocol';
import { format } from 'prettier';
import { DIALECTS } from '../dist/app.module.js';

const page = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../docs/dialects.md');

const call = (call_id) => ({ call_id, name: 'search' });
const asked = (call_id) => ({
  type: 'approval_required',
  ...call(call_id),
  args_summary: 'query="x"',
  args: { query: 'x' },
  expires_at: '2030-01-01T00:00:00.000Z',
});
const ended = (call_id, status) => ({
  type: 'tool_end',
  ...call(call_id),
  status,
  ms: 3,
  result_summary: 'found',
});
const started = (call_id) => ({
  type: 'tool_start',
  ...call(call_id),
  args_summary: 'query="x"',
  args: { query: 'x' },
});
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const sources = [
  { title: 'A page', url: 'https://example.org/' },
  { title: 'A document', document_id: 'd1' },
];
const end = (status) => ({ type: 'end', status, ms_total: 5, tool_calls: 3, usage, model: 'm', sources });

const RUN = [
  { type: 'start', status: 'processing', agent: 'assistant', attempt: 1 },
  { type: 'plan', items: [{ id: '1', text: 'Look', status: 'in_progress' }] },
  { type: 'status', text: 'Looking' },
  { type: 'rationale', text: 'I look.' },
  started('a'),
  { type: 'child_content', md: 'of a delegate', parent_call_id: 'a' },
  ended('a', 'ok'),
  started('b'),
  ended('b', 'error'),
  asked('c'),
  { type: 'approval_resolved', call_id: 'c', decision: 'approve' },
  started('c'),
  ended('c', 'ok'),
  asked('d'),
  { type: 'approval_resolved', call_id: 'd', decision: 'reject', reason: 'No.' },
  ended('d', 'error'),
  { type: 'content', md: 'Found ' },
  { type: 'content', md: 'it.' },
];
const FAILURE = { type: 'error', error: 'It failed.', code: 'model_unavailable', retryable: true };
const LOGS = [
  [...RUN, end('completed')],
  [...RUN, end('cancelled')],
  [...RUN, FAILURE, end('error')],
];

const logOf = (bodies) =>
  bodies.map(({ type, ...fields }, seq) => ({
    v: 1,
    type,
    id: mintEventId({ ms: 1_700_000_000_000 + seq, seq, nonce: 'aaaaaaaa' }),
    ts: '2025-10-12T10:00:00.000Z',
    message_id: '68eb95dcac4dd9ac2789890e',
    chat_id: '550e8400-e29b-41d4-a716-446655440000',
    ...fields,
  }));

/** What a frame is called: by the line that says so, else by its data. */
function nameOf(frame) {
  const event = /^event: (.*)$/m.exec(frame)?.[1];
  if (event !== undefined) return event;
  const data = JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? 'null');
  if (data === null) return undefined;
  return typeof data.type === 'string' ? data.type : Object.keys(data).join(', ');
}

/** Event type → the names of the frames that it becomes, in their order. */
function framesOf(dialect) {
  const found = new Map(eventTypes.map((type) => [type, new Set()]));
  for (const log of LOGS.map(logOf)) {
    let state = dialect.initial;
    for (const event of log) {
      const encoded = dialect.encode(state, event);
      ({ state } = encoded);
      for (const frame of encoded.frames.split('\n\n')) {
        const name = nameOf(frame);
        if (name !== undefined) found.get(event.type).add(name);
      }
    }
  }
  return found;
}

const unseen = eventTypes.filter((type) => !LOGS.flat().some((event) => event.type === type));
if (unseen.length > 0) throw new Error(`The logs of this script lack ${unseen.join(', ')}.`);

const columns = DIALECTS.map((dialect) => ({ dialect, frames: framesOf(dialect) }));
const rows = eventTypes.map((type) => [
  `\`${type}\``,
  ...columns.map(({ frames }) => [...frames.get(type)].map((name) => `\`${name}\``).join(' ') || '–'),
]);
const table = [
  ['Event', ...DIALECTS.map(({ name }) => `\`${name}\``)],
  DIALECTS.map(() => '---').concat('---'),
  ...rows,
]
  .map((cells) => `| ${cells.join(' | ')} |`)
  .join('\n');
const more = DIALECTS.map(({ name, stateful, headers, epilogue, initial }) => {
  const last = epilogue('ended', initial);
  const ending = last === undefined ? 'cut' : last.trim() === '' ? 'close' : `\`${last.trim()}\`, close`;
  const interrupted = epilogue('interrupted', initial) === undefined ? 'cut' : 'close';
  const sent = Object.entries(headers ?? {}).map(([header, value]) => `\`${header}: ${value}\``);
  return `| \`${name}\` | ${stateful ? 'yes' : 'no'} | ${ending} | ${interrupted} | ${sent.join(' ') || '–'} |`;
}).join('\n');

const text = await format(
  `# Dialects

\`?dialect=\` of a stream reads its log in another language. A dialect is a fold over the log
([010](decisions/010-a-dialect-is-a-fold.md)): an event becomes frames by what came before it, so one event may become
several frames, different ones in different places, or none. The last frame of an event has its id.

This page is generated from the folds by \`npm run dialects-table\`; the frames are those of three runs that have every kind of
event.

${table}

| Dialect | Depends on what came before | After the last event | When the server stops first | Headers |
| --- | --- | --- | --- | --- |
${more}

A stream that is cut is resumed by clients that take a clean end for a complete answer. Clients of \`ai-sdk\` and \`openai\`
answer a question about a tool in another request: their doors end the stream there
([047](decisions/047-pauses.md)).

## Adding one

1. Write a \`Dialect\` in \`src/doors/<name>/\`: \`initial\`, \`encode\`, \`preamble\` for a client that resumes, \`epilogue\`. Copy what its
   official client accepts from its source, not from its documentation: most stop at a frame that they do not know.
2. Name it in \`DIALECTS\` of \`src/app.module.ts\`. \`test/doors/stream.spec.ts\` then runs the contract of doors with it.
3. Let its official client read random logs, resumed after every event: \`test/doors/openai-logs.spec.ts\` is the model,
   \`test/doors/random-logs.ts\` has the logs.
4. Run \`npm run dialects-table\`.
`,
  { parser: 'markdown', printWidth: 110 },
);

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/dialects.md is out of date. Run: npm run dialects-table');
  process.exit(1);
}
