import { readFile } from 'node:fs/promises';
import type { PlannedTurn } from '../support/answering-model.js';

/** A question that no other run asks. */
export const orderOf = (chat: number, turn: number): string => `Order ${chat}-${turn}, please.`;

/**
 * What the model does with an order: text, parallel tools, purchases that must not happen twice, two of which a person has
 * to approve, a long answer.
 */
export function scriptOf(question: string): PlannedTurn[] {
  const [id = ''] = /[\w-]*\d/.exec(question) ?? [];
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

/** The answer of an undisturbed run. */
export const answerTo = (question: string): string =>
  scriptOf(question)
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .join('\n\n');

/** Tools that must not run twice; `order` needs approval. */
export const BUYERS = ['buy', 'order'] as const;

type Buyer = (typeof BUYERS)[number];

export const isBuyer = (name: string): boolean => BUYERS.some((buyer) => buyer === name);

/** How many tool calls an order takes, and how many of them need approval. */
export const APPROVALS_PER_ORDER = 2;
export const CALLS_PER_ORDER = 6;

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

function keyed(name: string, verb: string, key: string): PlannedTurn['calls'][number] {
  return { name, args: { key }, result: `${verb} ${key}` };
}

/** The model fills in the id of the call. */
function purchase(ticket: string, name: Buyer = 'buy'): PlannedTurn['calls'][number] {
  return { name, args: { ticket, call: '' }, result: `bought ${ticket}` };
}

/** No two words are alike, nor is one the beginning of another: anything lost, duplicated or moved shows. */
function words(id: string, part: string, count: number): string {
  const numbers = Array.from({ length: count }, (_, index) => String(index + 1).padStart(3, '0'));
  return numbers.map((number) => `${number}.${part}@${id}`).join(' ');
}
