import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ModelCatalogue, type ModelMessage, type ModelTool } from '../../src/models/index.js';
import { RunTurns } from '../../src/runs/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, openDatabase, type Created } from '../support/client.js';
import { scopeOf } from '../support/scopes.js';
import { ScriptedModel, type ModelAnswer } from '../support/scripted-model.js';

// Every request that reached a real model server is compared with what the application says it was: sent once more
// through the same provider's client, it must come out as the same bytes.

const AGENTS = `
agents:
  - name: lead
    kind: model
    description: Answers.
    instructions: Ask the reader.
    tools: [list_files, write_file]
    delegates: [reader]
    sampling: { temperature: 0.25 }
  - name: reader
    kind: model
    description: Reads.
    instructions: Read.
    tools: [list_files]
`;

let folder: string;
let model: ScriptedModel;
let app: TestApp;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'reprise-turns-'));
  const file = path.join(folder, 'agents.yaml');
  await writeFile(file, AGENTS);
  model = await ScriptedModel.start();
  app = await startTestApp({ ...model.env, AGENTS_FILE: file, MODEL_RETRIES: '2' });
  client = new Client(app.url);
});
afterAll(async () => {
  await app.destroy();
  await model.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Turns {
  messages: ModelMessage[];
  tools: Record<string, ModelTool[]>;
  turns: {
    number: number;
    attempt: number;
    step: number;
    parent_call_id: string | null;
    agent: string;
    sampling: object;
    tools: string;
    missing: string[];
    requests: { messages: number[]; exact: boolean; usage: object | null; error_code: string | null }[];
  }[];
  next: number | null;
}

async function turnsOf({ message_id }: Created, query = ''): Promise<Turns> {
  const { status, body } = await client.get(`/api/messages/${message_id}/turns${query}`);
  expect(status).toBe(200);
  return body as Turns;
}

/** What the provider's client makes of each request that is shown. */
async function sentAgain({ message_id }: Created): Promise<object[]> {
  // Clients are not told what only the provider understands.
  const whole = app.nest.get(RunTurns, { strict: false });
  const { messages, tools, turns } = await whole.list(scopeOf(), message_id, { after: 0, limit: 100 });
  const [chosen] = app.nest.get(ModelCatalogue, { strict: false }).chain();
  const bodies: object[] = [];
  for (const turn of turns)
    for (const request of turn.requests) {
      const asked = {
        messages: request.messages.map((place) => messages[place] as ModelMessage),
        tools: tools[turn.tools] ?? [],
        sampling: turn.sampling,
      };
      const stream = chosen?.stream(asked, new AbortController().signal);
      const drained = (async () => {
        for await (const _ of stream ?? []);
      })();
      const again = await model.next();
      bodies.push(again.body);
      again.text('.').finish();
      await drained;
    }
  return bodies;
}

/** Plays a run, and returns the requests that its model was sent. */
async function played(sent: Created, ...answers: ((answer: ModelAnswer) => void)[]): Promise<object[]> {
  const bodies: object[] = [];
  for (const answer of answers) {
    const asked = await model.next();
    bodies.push(asked.body);
    answer(asked);
  }
  await client.ended(sent);
  return bodies;
}

const says = (text: string) => (answer: ModelAnswer) => {
  answer.text(text).finish();
};

describe('what went to the model', () => {
  it('is shown for a run with tools, after an earlier exchange', async () => {
    const chat = await client.newChat();
    await played(
      await client.send(chat, 'First?'),
      (answer) => {
        answer.toolCall('write_file', { path: 'a.md', content: 'A' }).finish();
      },
      says('Written.'),
    );
    const sent = await client.send(chat, 'Which files?');
    const bodies = await played(
      sent,
      (answer) => {
        answer.text('\n\nLet me look.').toolCall('list_files', {}).toolCall('nonsense', {}).finish();
      },
      says('One.'),
    );
    const shown = await turnsOf(sent);
    expect(await sentAgain(sent)).toEqual(bodies);
    expect(shown.turns).toMatchObject([
      {
        number: 1,
        attempt: 1,
        step: 1,
        parent_call_id: null,
        agent: 'lead',
        sampling: { temperature: 0.25 },
      },
      {
        number: 2,
        attempt: 1,
        step: 2,
        missing: [],
        requests: [{ exact: true, usage: { total_tokens: 15 } }],
      },
    ]);
    expect(shown.messages.filter(({ content }) => content === 'Which files?')).toHaveLength(1);
    const page = await turnsOf(sent, '?limit=1');
    expect(page).toMatchObject({ turns: [{ number: 1 }], next: 1 });
    expect(await turnsOf(sent, '?after=1')).toMatchObject({ turns: [{ number: 2 }], next: null });
  });

  it('is shown for an answer that broke off and was continued', async () => {
    const sent = await client.send(await client.newChat(), 'Long?');
    const first = await model.next();
    first.text('The first half, ');
    await (await client.stream(sent)).until('the half', ({ type }) => type === 'content');
    first.cut();
    const second = await model.next();
    second.fail(503);
    const third = await model.next();
    third.text('the second half.').finish();
    await client.ended(sent);
    const shown = await turnsOf(sent);
    expect(await sentAgain(sent)).toEqual([first, second, third].map(({ body }) => body));
    expect(shown.turns).toMatchObject([
      {
        requests: [
          { exact: true, continued: false, error_code: 'model_stream_broken' },
          { exact: true, continued: true, error_code: 'model_unavailable' },
          { exact: true, continued: true, error_code: null },
        ],
      },
    ]);
  });

  it('is shown for an agent that another one started, under its call', async () => {
    const sent = await client.send(await client.newChat(), 'Delegate!');
    const bodies = await played(
      sent,
      (answer) => {
        answer.toolCall('task', { agent: 'reader', task: ' Read it. ' }, 'go').finish();
      },
      (answer) => {
        answer.text('I look.').toolCall('list_files', {}, 'look').finish();
      },
      says('Nothing there.'),
      says('Nothing.'),
    );
    const shown = await turnsOf(sent);
    expect(await sentAgain(sent)).toEqual(bodies);
    expect(shown.turns.map(({ agent, step, parent_call_id }) => [agent, step, parent_call_id])).toEqual([
      ['lead', 1, null],
      ['reader', 1, 'go'],
      ['reader', 2, 'go'],
      ['lead', 2, null],
    ]);
    expect(shown.turns.flatMap(({ requests }) => requests.map(({ exact }) => exact))).toEqual(
      Array(4).fill(true),
    );
  });

  it('is shown for both attempts of a run that another process has continued', async () => {
    const sent = await client.send(await client.newChat(), 'Continue!');
    const first = await model.next();
    first.text('Looking.').toolCall('list_files', {}).finish();
    const second = await model.next();
    second.text('There is');
    const reader = await client.stream(sent);
    await reader.until('its text', (event) => event.type === 'content' && event.md.includes('There'));
    await app.stop();
    app = { ...app, ...(await startTestApp(app.env)) };
    client = new Client(app.url);
    const third = await model.next();
    third.text(' nothing.').finish();
    await client.ended(sent);
    const shown = await turnsOf(sent);
    expect(shown.turns.map(({ attempt, step }) => [attempt, step])).toEqual([
      [1, 1],
      [1, 2],
      [2, 2],
    ]);
    expect(await sentAgain(sent)).toEqual([first, second, third].map(({ body }) => body));
  });
});

describe('what is gone', () => {
  it('is named, and the rest is still shown', async () => {
    const chat = await client.newChat();
    await played(await client.send(chat, 'Before?'), says('Yes.'));
    const sent = await client.send(chat, 'After?');
    await played(
      sent,
      (answer) => {
        answer.toolCall('list_files', {}).finish();
      },
      says('Fine.'),
    );
    const database = await openDatabase(app);
    try {
      const { connection } = database;
      await connection
        .collection('messages')
        .deleteMany({ chat_id: chat, content: { $in: ['Before?', 'Yes.'] } });
      await connection
        .collection('messages')
        .updateOne({ chat_id: chat, content: 'After?' }, { $set: { 'run.events_expired': 'removing' } });
    } finally {
      await database.close();
    }
    const shown = await turnsOf(sent);
    expect(shown.turns.map(({ missing }) => missing)).toEqual([
      ['history', 'log'],
      ['history', 'log'],
    ]);
    expect(shown.turns[0]?.requests).toMatchObject([{ exact: false, messages: [0, 1] }]);
    expect(shown.messages).toEqual([
      { role: 'system', content: 'Ask the reader.' },
      { role: 'user', content: 'After?' },
    ]);
  });

  it('is everything in a run from before turns were recorded', async () => {
    const chat = await client.newChat();
    const sent = await client.send(chat, 'Old?');
    await played(sent, says('Yes.'));
    const database = await openDatabase(app);
    try {
      await database.connection
        .collection('messages')
        .updateOne({ chat_id: chat, content: 'Old?' }, { $unset: { 'run.turns': 1 } });
    } finally {
      await database.close();
    }
    expect(await turnsOf(sent)).toEqual({ messages: [], tools: {}, turns: [], next: null });
  });
});
