import { mintEventId, type EventBody, type StreamEvent } from '@reprise/protocol';
import { randomBytes, randomUUID } from 'node:crypto';

/** What happened in a run, and when: ms after its start. */
export type Told = [at: number, body: EventBody][];

/** A run to import as an export from another server. */
export interface PlannedRun {
  question: string;
  told: Told;
  /** Index among the runs of the one whose question this asks again. */
  retryOf?: number;
}

/** A chat as a file that `import` reads. */
export interface ExportedChat {
  chatId: string;
  messageIds: string[];
  /** JSON Lines. */
  text: string;
}

const EPOCH = Date.UTC(2026, 9, 12, 10);
const USAGE = { prompt_tokens: 4210, completion_tokens: 962, total_tokens: 5172 };

/** Writes runs as if they had happened, one minute after the other. */
export function exportOf(runs: readonly PlannedRun[]): ExportedChat {
  const chatId = randomUUID();
  const messageIds = runs.map(() => randomBytes(12).toString('hex'));
  const time = iso(0);
  const chat = { chat_id: chatId, user_id: 'alice', title: 'Replays', created_at: time, updated_at: time };
  const records: object[] = [{ kind: 'chat', chat }];
  for (const [index, run] of runs.entries()) {
    const ids = { message_id: messageIds[index] ?? '', chat_id: chatId };
    const metadata = run.retryOf === undefined ? {} : { retry_of: messageIds[run.retryOf] };
    records.push(...recordsOf(run, { ids, metadata, since: index * 60_000 }));
  }
  const lines = [{ type: 'reprise-export', v: 1 }, ...records, { kind: 'end', records: records.length }];
  return { chatId, messageIds, text: lines.map((line) => `${JSON.stringify(line)}\n`).join('') };
}

interface Place {
  ids: { message_id: string; chat_id: string };
  metadata: object;
  /** ms after the first run of the chat. */
  since: number;
}

function recordsOf({ question, told }: PlannedRun, { ids, metadata, since }: Place): object[] {
  const last = told.at(-1)?.[1];
  if (last?.type !== 'end') throw new Error('A log that is exported has an end.');
  const end = iso(since + (told.at(-1)?.[0] ?? 0));
  const run = {
    attempt: 1,
    handovers: 0,
    cancel_requested: false,
    queued_at: iso(since - 12),
    started_at: iso(since),
    ended_at: end,
    usage: last.usage,
    model: last.model,
    tool_calls: last.tool_calls,
  };
  const shared = { ...ids, status: last.status, created_at: iso(since - 12), agent: 'assistant' };
  const message = {
    ...shared,
    role: 'user',
    content: question,
    metadata,
    processing_time_ms: last.ms_total,
    run,
  };
  const events = told.map(([at, body], seq): StreamEvent => {
    const id = mintEventId({ ms: EPOCH + since + at, seq, nonce: '0a0b0c0d' });
    return { v: 1, id, ts: iso(since + at), ...ids, ...body };
  });
  return [
    { kind: 'message', message },
    ...events.map((event) => ({ kind: 'event', event })),
    ...callsOf(events).map((call) => ({
      kind: 'tool_call',
      tool_call: { ...call, message_id: ids.message_id },
    })),
  ];
}

/** The journal for the log. */
function callsOf(events: readonly StreamEvent[]): object[] {
  return events.flatMap((event, position) => {
    if (event.type !== 'tool_start') return [];
    const ended = events.find((other) => other.type === 'tool_end' && other.call_id === event.call_id);
    if (ended?.type !== 'tool_end') return [];
    const call = { call_id: event.call_id, name: event.name, step: 1, position };
    const args = JSON.stringify({ query: event.args_summary, top_k: 5, filters: { lang: ['da', 'en'] } });
    const result =
      ended.status === 'ok'
        ? JSON.stringify({ passages: [{ title: 'Bilag E', score: 0.92 }] })
        : 'Error: time-out';
    const times = { started_at: event.ts, ended_at: ended.ts, ms: ended.ms };
    return [{ ...call, arguments: args, result, status: ended.status, ...times }];
  });
}

const iso = (offset: number): string => new Date(EPOCH + offset).toISOString();

export const start: EventBody = { type: 'start', status: 'processing', agent: 'assistant', attempt: 1 };
export const content = (md: string): EventBody => ({ type: 'content', md });

/** The last event. */
export const ended = (ms_total: number, tool_calls: number): EventBody => ({
  type: 'end',
  status: 'completed',
  ms_total,
  tool_calls,
  usage: USAGE,
  model: 'gpt-4.1-mini',
});

export const called = (call_id: string, name: string, parent?: string): EventBody => ({
  type: 'tool_start',
  call_id,
  name,
  args_summary: `query='CSR krav ${call_id}'`,
  ...(parent !== undefined && { parent_call_id: parent }),
});

export const returned = (
  call_id: string,
  name: string,
  ms: number,
  status: 'ok' | 'error' = 'ok',
): EventBody => ({
  type: 'tool_end',
  call_id,
  name,
  status,
  ms,
  result_summary:
    status === 'ok'
      ? 'Found 5 relevant sections in Bilag E and 2 others'
      : 'The search did not answer in time',
});

const plan = (...done: ('pending' | 'in_progress' | 'completed')[]): EventBody => ({
  type: 'plan',
  items: ['Search the tender documents', 'Compare the requirements', 'Write the answer'].map(
    (text, index) => ({
      id: `todo-${index + 1}`,
      text,
      status: done[index] ?? 'pending',
    }),
  ),
});

const ANSWER = `## CSR requirements

The tender asks for **three** things, found in *Bilag E* and *Bilag 4*:

1. A written policy on human rights, see \`E.2.1\`
2. Yearly reports on working conditions
3. An audit by a third party — **every second year**

| Requirement | Source | Weight |
| --- | --- | --- |
| Policy | Bilag E, 2.1 | 40 % |
| Reports | Bilag E, 3.4 | 35 % |
| Audit | Bilag 4, 1.2 | 25 % |

\`\`\`ts
const weight = { policy: 0.4, reports: 0.35, audit: 0.25 };
const total = Object.values(weight).reduce((a, b) => a + b);
\`\`\`

The audit is the only one with a *deadline*: the first report is due six months after the contract begins.
`;

/** Words with the white space before them. */
const wordsOf = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? [];

/** A run with everything in it: parallel and nested tools, a failure, a decision, a lost worker, long silences. */
export function richRun(question: string, answer = ANSWER): PlannedRun {
  const told: Told = [
    [0, start],
    [320, { type: 'rationale', text: 'The question is about CSR requirements. I plan, search, compare.' }],
    [540, called('p1', 'update_plan')],
    [546, plan('in_progress')],
    [551, returned('p1', 'update_plan', 9)],
    [1180, { type: 'rationale', text: 'Three searches at once cover the annexes.' }],
    [1420, called('s1', 'search_tender_corpus')],
    [1424, called('s2', 'search_tender_corpus')],
    [1431, called('r1', 'research')],
    [1600, called('s3', 'search_tender_corpus', 'r1')],
    [1605, called('f1', 'get_file_content', 'r1')],
    [1900, returned('s1', 'search_tender_corpus', 478)],
    [2300, returned('f1', 'get_file_content', 690)],
    [2650, { type: 'status', text: 'Reading Bilag E' }],
    [3900, returned('s2', 'search_tender_corpus', 2470, 'error')],
    [4100, returned('s3', 'search_tender_corpus', 2490)],
    [4400, returned('r1', 'research', 2965)],
    [4900, plan('completed', 'in_progress')],
    [
      5200,
      {
        type: 'approval_required',
        call_id: 'w1',
        name: 'write_file',
        args_summary: "path='notes.md'",
        expires_at: iso(900_000),
      },
    ],
    [7700, { type: 'approval_resolved', call_id: 'w1', decision: 'approve' }],
    [7710, called('w1', 'write_file')],
    [7760, returned('w1', 'write_file', 44)],
    [8300, content('Let me')],
    [8350, content(' put that')],
    [8390, content(' together.\n\n')],
    [13_100, { type: 'status', text: 'Continuing after an interruption (attempt 2)', attempt: 2 }],
    [13_500, plan('completed', 'completed', 'in_progress')],
  ];
  let at = 14_000;
  for (const word of wordsOf(answer)) told.push([(at += 18), content(word)]);
  told.push([at + 40, plan('completed', 'completed', 'completed')], [at + 90, ended(at + 90, 7)]);
  return { question, told };
}

/** A log of exactly this many events: mostly an answer of many paragraphs, streamed by the word. */
export function longRun(question: string, events: number): PlannedRun {
  const told: Told = [[0, start]];
  let at = 200;
  for (let call = 0; call < 40; call++) {
    told.push([(at += 60), called(`c${call}`, 'search_tender_corpus')]);
    told.push([
      (at += 140),
      returned(`c${call}`, 'search_tender_corpus', 140, call % 9 === 8 ? 'error' : 'ok'),
    ]);
  }
  for (let n = 0; told.length < events - 1; n++) told.push([(at += 9), content(wordOfLongAnswer(n))]);
  told.push([at + 30, ended(at + 30, 40)]);
  return { question, told };
}

const PARAGRAPH_WORDS = 60;

function wordOfLongAnswer(n: number): string {
  const paragraph = Math.floor(n / PARAGRAPH_WORDS);
  if (n % PARAGRAPH_WORDS !== 0) return n % 17 === 0 ? ` **requirement ${n}**` : ` word${n}`;
  if (paragraph % 8 === 0) return `\n\n## Section ${paragraph}\n\nThis`;
  if (paragraph % 8 === 5) return `\n\n- item ${paragraph}\n- another\n\nThen`;
  return '\n\nThe';
}
