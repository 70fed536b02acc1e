import { readFile } from 'node:fs/promises';
import type { PlannedCall, PlannedTurn } from '../support/answering-model.js';

/**
 * The agents of the test. An order is worked on by one agent, an errand by one that starts others, a round and a pair
 * are workflows.
 */
export const AGENTS_YAML = `
agents:
  - { name: assistant, kind: model, description: Does it., instructions: You are assistant., tools: [look_up, take_time, buy, order], delegates: [helper] }
  - { name: helper, kind: model, description: Helps., instructions: You are helper., tools: [buy, order], delegates: [clerk] }
  - { name: clerk, kind: model, description: Notes., instructions: You are clerk., tools: [look_up] }
  - { name: left, kind: model, description: Buys., instructions: You are left., tools: [buy] }
  - { name: right, kind: model, description: Orders., instructions: You are right., tools: [order] }
  - { name: closer, kind: model, description: Closes., instructions: You are closer., tools: [buy] }
  - { name: round, kind: workflow, description: One by one., strategy: sequential, agents: [helper, closer] }
  - { name: pair, kind: workflow, description: Side by side., strategy: parallel, agents: [left, right], lead: closer }
default: assistant
`;

const KINDS = ['Order', 'Errand', 'Round', 'Pair'] as const;

/** Agents that are not a model's but a plan, with those they start. */
const WORKFLOWS: Readonly<Record<string, readonly string[]>> = {
  round: ['helper', 'closer'],
  pair: ['left', 'right', 'closer'],
};

/** A question that no other run asks, of each kind in turn. */
export const questionOf = (chat: number, turn: number): string =>
  `${KINDS[(chat + turn) % KINDS.length] ?? ''} ${chat}-${turn}, please.`;

/** The agent that a question is for. */
export function agentFor(question: string): string {
  const [kind = ''] = question.toLowerCase().split(' ');
  return kind in WORKFLOWS ? kind : 'assistant';
}

/** What the models of an agent do with a question, as the instructions name it. */
export function scriptFor(question: string, instructions: string): PlannedTurn[] {
  // What a workflow passes on follows the question; a question that got no answer precedes the next one.
  const [asked = ''] = question.split('\n\nWhat other agents have found');
  return scriptOf(asked.split('\n\n').at(-1) ?? '', /You are (\w+)\./.exec(instructions)?.[1] ?? '');
}

function scriptOf(question: string, agent: string): PlannedTurn[] {
  const [id = ''] = /\d[\w-]*/.exec(question) ?? [];
  if (agent === 'assistant') return question.startsWith('Errand') ? errand(id) : order(id);
  return SCRIPTS[agent]?.(id) ?? [{ text: 'Nothing.', calls: [] }];
}

/** Text, parallel tools, purchases that must not happen twice, two of which a person has to approve, a long answer. */
function order(id: string): PlannedTurn[] {
  return [
    {
      text: words(id, 'look', 10),
      calls: [keyed('look_up', 'found', id), keyed('take_time', 'took time for', id)],
    },
    { text: words(id, 'first', 6), calls: [purchase(`${id}-a`, 'order')] },
    {
      text: '',
      calls: [purchase(`${id}-b`, 'order'), keyed('look_up', 'found', `${id} again`), purchase(`${id}-c`)],
    },
    { text: words(id, 'answer', 60), calls: [] },
  ];
}

/** Two agents side by side, each of which starts another one and buys something, beside a tool. */
function errand(id: string): PlannedTurn[] {
  return [
    {
      text: words(id, 'plan', 6),
      calls: [
        task('helper', `Help ${id}-l, please.`),
        keyed('look_up', 'found', id),
        task('helper', `Help ${id}-r, please.`),
      ],
    },
    { text: '', calls: [purchase(`${id}-z`)] },
    { text: words(id, 'errand', 30), calls: [] },
  ];
}

const SCRIPTS: Readonly<Record<string, (id: string) => PlannedTurn[]>> = {
  helper: (id) => [
    { text: words(id, 'help', 8), calls: [purchase(`${id}-h`), task('clerk', `Note ${id}-n, please.`)] },
    { text: '', calls: [purchase(`${id}-i`, 'order')] },
    { text: words(id, 'helped', 12), calls: [] },
  ],
  clerk: (id) => [
    { text: words(id, 'note', 4), calls: [keyed('look_up', 'found', id)] },
    { text: words(id, 'noted', 6), calls: [] },
  ],
  left: (id) => buyer(id, 'left', 'buy'),
  right: (id) => buyer(id, 'right', 'order'),
  closer: (id) => buyer(id, 'close', 'buy'),
};

function buyer(id: string, part: string, name: Buyer): PlannedTurn[] {
  return [
    { text: words(id, part, 6), calls: [purchase(`${id}-${part}`, name)] },
    { text: words(id, `${part}d`, 14), calls: [] },
  ];
}

/** The answer of an undisturbed run. */
export function answerTo(question: string, agent = agentFor(question)): string {
  const last = WORKFLOWS[agent]?.at(-1);
  if (last !== undefined) return answerTo(question, last);
  return scriptOf(question, agent)
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .join('\n\n');
}

/** The calls that a question takes, those of the agents that it starts included. */
export function callsFor(question: string, agent = agentFor(question)): PlannedCall[] {
  const own =
    WORKFLOWS[agent]?.map((name) => task(name, question)) ??
    scriptOf(question, agent).flatMap(({ calls }) => calls);
  return own.flatMap((call) =>
    call.name === 'task' ? [call, ...callsFor(call.args['task'] ?? '', call.args['agent'])] : [call],
  );
}

/** Tools that must not run twice; `order` needs approval. */
export const BUYERS = ['buy', 'order'] as const;

type Buyer = (typeof BUYERS)[number];

export const isBuyer = (name: string): boolean => BUYERS.some((buyer) => buyer === name);

/** What the tool that must not run twice has done, by ticket and by call id. */
export interface Purchases {
  tickets: Map<string, number>;
  calls: Map<string, number>;
}

/** Reads the records that the tool wrote outside of everything that was killed. */
export async function readPurchases(file: string): Promise<Purchases> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const tickets = new Map<string, number>();
  const calls = new Map<string, number>();
  for (const line of lines) {
    const { ticket, call } = JSON.parse(line) as { ticket: string; call: string };
    tickets.set(ticket, (tickets.get(ticket) ?? 0) + 1);
    calls.set(call, (calls.get(call) ?? 0) + 1);
  }
  return { tickets, calls };
}

function keyed(name: string, verb: string, key: string): PlannedCall {
  return { name, args: { key }, result: `${verb} ${key}` };
}

/** The model fills in the id of the call. */
function purchase(ticket: string, name: Buyer = 'buy'): PlannedCall {
  return { name, args: { ticket, call: '' }, result: `bought ${ticket}` };
}

function task(agent: string, text: string): PlannedCall {
  return { name: 'task', args: { agent, task: text }, result: answerTo(text, agent) };
}

/** No two words are alike, nor is one the beginning of another: anything lost, duplicated or moved shows. */
function words(id: string, part: string, count: number): string {
  const numbers = Array.from({ length: count }, (_, index) => String(index + 1).padStart(3, '0'));
  return numbers.map((number) => `${number}.${part}@${id}`).join(' ');
}
